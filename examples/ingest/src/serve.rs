//! HTTP: reads a batch, has it kept, answers, or fails in the way that was asked for.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use milepost_engine::Uuid;
use milepost_upload::{DICTIONARY_VERSION, Encoding};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::fault::{Fault, Seen};
use crate::keep::{Held, Shared};

/// Where batches are posted.
pub(crate) const BATCHES: &str = "/v1/batches";
/// What the server holds, a record a line.
const RECORDS: &str = "/v1/records";
/// Far more than a batch; a body that unpacks to more is an attack.
const MAX_BYTES: usize = 16 << 20;

pub(crate) async fn until(listener: std::net::TcpListener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let app = Router::new()
        .route(BATCHES, post(batch))
        .route(RECORDS, get(records))
        .layer(DefaultBodyLimit::max(MAX_BYTES))
        .with_state(shared);
    tokio::select! {
        // Ends by itself only where the socket fails; either way the server is over.
        _ = axum::serve(listener, app) => {}
        _ = stopped => {}
    }
}

#[derive(Deserialize)]
struct Batch<'a> {
    batch_id: Uuid,
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Identity {
    id: Uuid,
    rev: u32,
}

async fn records(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let lines: String = shared.keep().records().into_iter().map(|held| held.json + "\n").collect();
    ([(header::CONTENT_TYPE, "application/x-ndjson")], lines)
}

async fn batch(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    {
        let mut keep = shared.keep();
        keep.tally.requests += 1;
        keep.tally.bytes += body.len() as u64;
        let wanted = keep.token.as_ref().map(|token| format!("Bearer {token}"));
        let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        if wanted.is_some() && wanted.as_deref() != given {
            return StatusCode::UNAUTHORIZED.into_response();
        }
    }
    let encoding = headers.get(header::CONTENT_ENCODING).map(|v| v.to_str().unwrap_or("?"));
    let Some(encoding) = Encoding::of(encoding) else {
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Encoding: zstd, zstd-milepost-1 or none");
    };
    let text = match encoding.unpack(&body, MAX_BYTES) {
        Ok(text) => text,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &format!("{encoding:?}: {error}")),
    };
    let batch: Batch<'_> = match serde_json::from_slice(&text) {
        Ok(batch) => batch,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let mut new = Vec::with_capacity(batch.records.len());
    for raw in &batch.records {
        match serde_json::from_str::<Identity>(raw.get()) {
            Ok(Identity { id, rev }) => new.push(Held { id, rev, json: raw.get().to_owned() }),
            Err(error) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
        }
    }
    let fault = {
        let mut keep = shared.keep();
        let keys = new.iter().map(|held| (held.id, held.rev)).collect();
        let seen = Seen { number: keep.tally.requests, batch_id: batch.batch_id, keys, bytes: body.len() };
        keep.choose.as_mut().map_or(Fault::None, |choose| choose(&seen))
    };
    answer(&shared, batch.batch_id, new, fault).await
}

async fn answer(shared: &Shared, batch_id: Uuid, new: Vec<Held>, fault: Fault) -> Response {
    let refused = match &fault {
        Fault::Status(status, retry_after) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let retry_after = retry_after.iter().map(|after| (header::RETRY_AFTER, after.clone()));
            let mut response = refuse(status, "as asked for");
            for (name, value) in retry_after {
                if let Ok(value) = value.parse() {
                    response.headers_mut().insert(name, value);
                }
            }
            return response;
        }
        Fault::ResetBefore => return cut(Vec::new()),
        Fault::Delay(time) => {
            tokio::time::sleep(*time).await;
            Vec::new()
        }
        Fault::Refuse(ids) => ids.clone(),
        Fault::None | Fault::ResetAfter | Fault::Truncate | Fault::Repeat | Fault::Control(..) => Vec::new(),
    };

    let (mut acked, mut not) = (Vec::new(), Vec::new());
    for held in new {
        if refused.contains(&held.id) {
            not.push(json!({"id": held.id.to_string(), "rev": held.rev, "reason": "as asked for"}));
        } else {
            acked.push(json!({"id": held.id.to_string(), "rev": held.rev}));
            shared.keep().put(held);
        }
    }
    let (min_interval_s, pause_s) =
        if let Fault::Control(min_interval_s, pause_s) = fault { (min_interval_s, pause_s) } else { (None, None) };
    let control = json!({"min_interval_s": min_interval_s, "pause_s": pause_s, "dictionary": DICTIONARY_VERSION});
    if fault == Fault::Repeat {
        acked.extend(acked.clone());
        acked.push(json!({"id": Uuid::from_u128(0xdead).to_string(), "rev": 1, "unknown": true}));
    }
    let answer = match &fault {
        Fault::Repeat => json!({"acked": acked, "refused": not, "control": control}),
        // Without a list of hundreds of keys.
        _ => json!({"acked_batch": batch_id.to_string(), "refused": not, "control": control}),
    };
    let mut text = answer.to_string().into_bytes();
    match fault {
        Fault::ResetAfter => {
            text.truncate(text.len() / 2);
            cut(text)
        }
        Fault::Truncate => {
            text.truncate(text.len() / 2);
            ok(text.into())
        }
        _ => ok(text.into()),
    }
}

fn ok(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn refuse(status: StatusCode, why: &str) -> Response {
    (status, why.to_owned()).into_response()
}

/// An answer whose body fails: the connection is closed under the reader.
fn cut(begin: Vec<u8>) -> Response {
    let parts = [Ok(begin), Err(std::io::Error::other("cut, as asked for"))];
    ok(Body::from_stream(futures_util::stream::iter(parts)))
}
