//! Asks a server whether it keeps to docs/protocol.md: made-up records, posted as a phone would post them and as a phone
//! never would.

use milepost_engine::Uuid;
use milepost_engine::id::{IdKind, uuid7};
use milepost_upload::{Encoding, Outcome, Request, Transport};
use serde_json::{Value, json};

/// What was asked, and what was wrong with the answer, if anything.
pub type Finding = (&'static str, Result<(), String>);

/// Where and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Where batches are posted.
    pub url: String,
    /// For `Authorization: Bearer`.
    pub token: Option<String>,
    /// Makes the ids: a server that was asked before gets others.
    pub seed: u64,
}

/// Asks everything; each finding stands for itself.
pub fn ask(transport: &dyn Transport, subject: &Subject) -> Vec<Finding> {
    let ask = Ask { transport, subject };
    let (a, b, c) = (ask.id(1), ask.id(2), ask.id(3));
    let both = [record(a, 1, "milepost.event/1"), record(b, 2, "milepost.trip/1")];
    let old = [record(b, 1, "milepost.trip/1")];
    let strange = [json!({"schema": "milepost.unheard_of/9", "id": c.to_string(), "rev": 1, "new": [{"x": null}]})];
    vec![
        ("new records are acknowledged", ask.acknowledges(1, &both, Encoding::Identity)),
        ("the same batch again is acknowledged", ask.acknowledges(1, &both, Encoding::Identity)),
        ("the same records in another batch are acknowledged", ask.acknowledges(2, &both, Encoding::Identity)),
        ("a lower revision after a higher one is acknowledged", ask.acknowledges(3, &old, Encoding::Identity)),
        ("unknown schemas and fields are taken", ask.acknowledges(4, &strange, Encoding::Identity)),
        ("zstd is read, or refused with 415", ask.acknowledges(5, &both, Encoding::Zstd)),
        ("zstd with the dictionary is read, or refused with 415", ask.acknowledges(6, &both, Encoding::Dictionary)),
        ("what is no JSON is refused", ask.refuses(b"{\"schema\":\"milepost.batch/1\",\"rec")),
        ("what is no batch is refused", ask.refuses(b"[1, 2, 3]")),
    ]
}

struct Ask<'a> {
    transport: &'a dyn Transport,
    subject: &'a Subject,
}

impl Ask<'_> {
    fn id(&self, n: u64) -> Uuid {
        uuid7(self.subject.seed, IdKind::Event, n, 1_700_000_000_000)
    }

    /// A server may also answer that it does not read this encoding, if it is one.
    fn acknowledges(&self, batch: u64, records: &[Value], encoding: Encoding) -> Result<(), String> {
        let batch_id = uuid7(self.subject.seed, IdKind::Batch, batch, 1_700_000_000_000);
        let text = json!({
            "schema": "milepost.batch/1", "batch_id": batch_id.to_string(), "device_id": "conformance", "records": records,
        });
        let body = encoding.pack(text.to_string().as_bytes()).map_err(|e| e.to_string())?;
        let (status, body) = self.post(batch_id, body, encoding)?;
        if status == 415 && encoding != Encoding::Identity {
            return Ok(());
        }
        if !(200..=299).contains(&status) {
            return Err(format!("status {status}"));
        }
        let answer: Value = serde_json::from_slice(&body).map_err(|e| format!("the answer is no JSON: {e}"))?;
        let all = answer["acked_batch"] == text["batch_id"];
        let list = |key: &str| answer[key].as_array().map_or(&[][..], Vec::as_slice);
        if !all && !answer["acked"].is_array() {
            return Err("the answer has neither a list `acked` nor the batch's id as `acked_batch`".into());
        }
        let is = |a: &Value, record: &Value| a["id"] == record["id"] && a["rev"].as_u64() >= record["rev"].as_u64();
        let named = |record: &Value| {
            list("acked").iter().any(|a| is(a, record)) || all && !list("refused").iter().any(|a| is(a, record))
        };
        match records.iter().find(|record| !named(record)) {
            None => Ok(()),
            Some(record) => Err(format!("{} revision {} is not acknowledged", record["id"], record["rev"])),
        }
    }

    fn refuses(&self, body: &[u8]) -> Result<(), String> {
        match self.post(self.id(9), body.to_vec(), Encoding::Identity)?.0 {
            400..=499 => Ok(()),
            status => Err(format!("status {status}, and a sender would go on trying")),
        }
    }

    fn post(&self, batch_id: Uuid, body: Vec<u8>, encoding: Encoding) -> Result<(u16, Vec<u8>), String> {
        let mut headers = vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Accept".to_owned(), "application/json".to_owned()),
            ("Idempotency-Key".to_owned(), format!("\"{batch_id}\"")),
        ];
        headers.extend(encoding.name().map(|name| ("Content-Encoding".to_owned(), name.to_owned())));
        if let Some(token) = &self.subject.token {
            headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        let request = Request { batch_id, url: self.subject.url.clone(), headers, body, keys: Vec::new() };
        match self.transport.send(&request) {
            Outcome::Answer { status, body, .. } => Ok((status, body)),
            Outcome::NetworkError(error) => Err(error),
        }
    }
}

fn record(id: Uuid, rev: u32, schema: &str) -> Value {
    json!({"schema": schema, "id": id.to_string(), "rev": rev, "seq": rev, "t_s": 0.0, "trip_id": null})
}
