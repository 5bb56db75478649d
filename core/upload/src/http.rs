//! The built-in transport: reqwest's blocking client over rustls with ring. TLS roots are bundled, or the host's own.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::Transport;
use crate::pins::{Pin, Pinned};
use crate::types::{Outcome, Request};

/// How to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// To reach the server.
    pub connect_timeout: Duration,
    /// For the whole request. Two minutes: 256 KiB over 2G, with a slow server.
    pub timeout: Duration,
    /// `http://host:port`; none is a direct connection, the environment is not asked.
    pub proxy: Option<String>,
    /// Certificates (DER) that the server's must descend from, in place of the bundled roots: a company's own authority,
    /// or those of the platform. Empty means the bundled roots of Mozilla.
    pub roots: Vec<Vec<u8>>,
    /// Keys of which the server must have one, beside a good certificate: the one in use, and one for the day that it is
    /// lost. Empty means any.
    pub pins: Vec<Pin>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(20),
            timeout: Duration::from_secs(120),
            proxy: None,
            roots: Vec::new(),
            pins: Vec::new(),
        }
    }
}

/// Why there is no transport.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// A root certificate, or the choice of protocols, is no good.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// There is no root to verify a certificate against.
    #[error("TLS: {0}")]
    Roots(#[from] rustls::client::VerifierBuilderError),
    /// The proxy's address, or something of the system's.
    #[error("HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// The longest answer that is read; the machine reads no longer one.
const MAX_ANSWER: u64 = 1 << 20;

/// reqwest's blocking client. Not to be used inside an async runtime.
#[derive(Clone, Debug)]
pub struct Http(Client);

impl Http {
    /// Makes the client; connects to nobody.
    pub fn new(options: &HttpOptions) -> Result<Self, HttpError> {
        let mut roots = RootCertStore::empty();
        for der in &options.roots {
            roots.add(CertificateDer::from(der.as_slice()))?;
        }
        if options.roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let tls = if options.pins.is_empty() {
            tls.with_root_certificates(roots)
        } else {
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
            tls.dangerous().with_custom_certificate_verifier(Arc::new(Pinned { verifier, pins: options.pins.clone() }))
        };
        let tls = tls.with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            // A redirect could carry records and token to anyone.
            .redirect(Policy::none())
            .user_agent(concat!("milepost/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        let client = match &options.proxy {
            Some(url) => client.proxy(reqwest::Proxy::all(url)?),
            None => client,
        };
        Ok(Self(client.build()?))
    }
}

impl Transport for Http {
    fn send(&self, request: &Request) -> Outcome {
        let mut post = self.0.post(&request.url).body(request.body.clone());
        for (name, value) in &request.headers {
            post = post.header(name, value);
        }
        // The URL is left out of errors: it may carry a key.
        match post.send().map_err(reqwest::Error::without_url) {
            Ok(response) => answer(response),
            Err(error) => Outcome::NetworkError(because(&error)),
        }
    }
}

/// An error with what caused it, in one line: a refused key is told by the last cause.
fn because(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn answer(response: Response) -> Outcome {
    let status = response.status().as_u16();
    let retry_after =
        response.headers().get(reqwest::header::RETRY_AFTER).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    match response.take(MAX_ANSWER + 1).read_to_end(&mut body) {
        Ok(_) => Outcome::Answer { status, retry_after, body },
        Err(error) => Outcome::NetworkError(format!("the answer was cut: {error}")),
    }
}
