//! Certificate pinning: beside all that TLS asks for, the server's own key must be one that is known beforehand. What else
//! makes a certificate good is left to rustls.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme, SupportedCipherSuite};
use webpki::EndEntityCert;

/// A key: SHA-256 of its SubjectPublicKeyInfo (RFC 7469 §2.4).
pub type Pin = [u8; 32];

/// Asks another verifier, and then for the key.
#[derive(Debug)]
pub(crate) struct Pinned {
    pub verifier: Arc<WebPkiServerVerifier>,
    pub pins: Vec<Pin>,
}

impl Pinned {
    /// Only the server's own key counts: what it sends along of others proves nothing.
    fn is_known(&self, certificate: &CertificateDer<'_>) -> Result<bool, Error> {
        let SupportedCipherSuite::Tls13(suite) = TLS13_AES_128_GCM_SHA256 else { return Ok(false) };
        let certificate = EndEntityCert::try_from(certificate).map_err(|e| Error::General(e.to_string()))?;
        let key = suite.common.hash_provider.hash(certificate.subject_public_key_info().as_ref());
        Ok(self.pins.iter().any(|pin| pin.as_slice() == key.as_ref()))
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now)?;
        if self.is_known(end_entity)? {
            return Ok(verified);
        }
        Err(Error::General("the server's key is none of the pinned ones".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
