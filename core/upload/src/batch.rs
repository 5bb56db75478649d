//! Makes the POST of a batch: the envelope around the records, compression, headers. The same batch gives the same bytes.

use std::fmt::Write;

use milepost_engine::Uuid;

use crate::config::Config;
use crate::encoding::{CONTENT_ENCODING, Encoding};
use crate::types::{Item, Limits, Request};

/// How many of the first items fit; one at least.
pub(crate) fn fitting(items: &[Item], limits: Limits) -> usize {
    let mut bytes = 0usize;
    let fits = |item: &&Item| {
        bytes = bytes.saturating_add(item.json.len());
        bytes <= limits.bytes
    };
    items.iter().take(limits.records).take_while(fits).count().max(1).min(items.len())
}

pub(crate) fn request(
    config: &Config,
    encoding: Encoding,
    token: Option<&str>,
    batch_id: Uuid,
    items: &[Item],
) -> Request {
    let mut text = String::with_capacity(items.iter().map(|i| i.json.len() + 1).sum::<usize>() + 200);
    let device = serde_json::Value::from(config.device_id.as_str());
    // Writing to a String cannot fail.
    let _ = write!(text, r#"{{"schema":"milepost.batch/1","batch_id":"{batch_id}","device_id":{device},"records":["#);
    for (n, item) in items.iter().enumerate() {
        text.push_str(if n == 0 { "\n" } else { ",\n" });
        text.push_str(&item.json);
    }
    text.push_str("\n]}\n");

    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = vec![
        header("Content-Type", "application/json"),
        header("Accept", "application/json"),
        header("Idempotency-Key", &format!("\"{batch_id}\"")),
    ];
    let mut body = text.into_bytes();
    // Without the memory for it the plain body is as good.
    if let Some((name, packed)) = encoding.name().zip(encoding.pack(&body).ok()) {
        body = packed;
        headers.push(header(CONTENT_ENCODING, name));
    }
    if let Some(token) = token {
        headers.push(header("Authorization", &format!("Bearer {token}")));
    }
    let keys = items.iter().map(|i| (i.id, i.rev)).collect();
    Request { batch_id, url: config.url.clone(), headers, body, keys }
}
