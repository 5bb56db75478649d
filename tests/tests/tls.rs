//! The built-in transport against servers on loopback that are not who they should be, answer too late, or stand behind a
//! proxy.

#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, reason = "tests; a server needs a thread")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use milepost_engine::Uuid;
use milepost_upload::{Http, HttpOptions, Outcome, Pin, Request, Transport};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PublicKeyData};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{\"acked\":[]}";

/// An authority, a server's certificate for localhost by it, and the key of that.
struct Identity {
    root: Vec<u8>,
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
    pin: Pin,
}

fn identity() -> Identity {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let root = params.self_signed(&root_key).unwrap();
    let issuer = Issuer::new(params, root_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let digest = ring::digest::digest(&ring::digest::SHA256, &key.subject_public_key_info());
    Identity {
        root: root.der().to_vec(),
        // What a man in the middle would send along to look right.
        chain: vec![leaf.der().clone(), root.der().clone()],
        key: key.serialize_der(),
        pin: digest.as_ref().try_into().unwrap(),
    }
}

/// A server that answers each connection so; the URL's port.
fn serve(mut each: impl FnMut(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(&mut each));
    port
}

fn serve_tls(identity: &Identity) -> u16 {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.clone()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(identity.chain.clone(), key)
        .unwrap();
    let config = Arc::new(config);
    serve(move |stream| {
        let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        // A client that refuses the certificate hangs up.
        if tls.read(&mut [0; 4096]).is_ok() {
            let _ = tls.write_all(ANSWER);
            tls.conn.send_close_notify();
            let _ = tls.flush();
        }
    })
}

fn post(options: &HttpOptions, url: String) -> Outcome {
    let request = Request { batch_id: Uuid::nil(), url, headers: Vec::new(), body: b"{}".to_vec(), keys: Vec::new() };
    Http::new(options).unwrap().send(&request)
}

fn status(outcome: Outcome) -> Result<u16, String> {
    match outcome {
        Outcome::Answer { status, .. } => Ok(status),
        Outcome::NetworkError(why) => Err(why),
    }
}

#[test]
fn a_server_is_believed_by_its_roots_and_by_nothing_else() {
    let identity = identity();
    let url = format!("https://localhost:{}/v1", serve_tls(&identity));
    let own = HttpOptions { roots: vec![identity.root.clone()], ..HttpOptions::default() };
    assert_eq!(status(post(&own, url.clone())), Ok(200));
    let why = status(post(&HttpOptions::default(), url)).unwrap_err();
    assert!(why.contains("certificate"), "{why}");
    assert!(Http::new(&HttpOptions { roots: vec![b"no certificate".to_vec()], ..HttpOptions::default() }).is_err());
}

#[test]
fn a_pinned_server_is_taken_and_another_of_the_same_authority_is_not() {
    let identity = identity();
    let url = format!("https://localhost:{}/v1", serve_tls(&identity));
    let pinned = |pins: Vec<Pin>| HttpOptions { roots: vec![identity.root.clone()], pins, ..HttpOptions::default() };
    assert_eq!(status(post(&pinned(vec![[7; 32], identity.pin]), url.clone())), Ok(200), "one of two");
    let why = status(post(&pinned(vec![[7; 32]]), url.clone())).unwrap_err();
    assert!(why.contains("none of the pinned ones"), "{why}");
    // A pin takes nothing for granted: the certificate must be good as well.
    let alone = HttpOptions { pins: vec![identity.pin], ..HttpOptions::default() };
    let why = status(post(&alone, url)).unwrap_err();
    assert!(why.contains("certificate"), "{why}");
}

#[test]
fn a_server_that_does_not_answer_and_one_that_never_ends_are_given_up() {
    // They hold the connection as long as the test lives.
    let mut held = Vec::new();
    let silent = serve(move |stream| held.push(stream));
    let mut dripping = Vec::new();
    let endless = serve(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
        dripping.push(stream);
    });
    let brief = HttpOptions { timeout: Duration::from_millis(300), ..HttpOptions::default() };
    for port in [silent, endless] {
        assert!(status(post(&brief, format!("http://127.0.0.1:{port}/v1"))).is_err());
    }
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(status(post(&brief, format!("http://127.0.0.1:{closed}/v1"))).is_err());
}

#[test]
fn a_proxy_is_asked_for_every_server_and_only_where_there_is_one() {
    let proxy = serve(|mut stream| {
        let mut head = [0; 4096];
        let n = stream.read(&mut head).unwrap_or(0);
        let asked =
            String::from_utf8_lossy(head.get(..n).unwrap_or_default()).starts_with("POST http://nowhere.invalid/v1 ");
        let refused = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let _ = stream.write_all(if asked { ANSWER } else { refused });
    });
    let url = || "http://nowhere.invalid/v1".to_owned();
    let options = HttpOptions { proxy: Some(format!("http://127.0.0.1:{proxy}")), ..HttpOptions::default() };
    assert_eq!(status(post(&options, url())), Ok(200));
    assert!(status(post(&HttpOptions::default(), url())).is_err());
}
