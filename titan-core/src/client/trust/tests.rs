//! Real chains of certificates, and handshakes with who holds their keys or doesn't.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;

const NAME: &str = "chat.example.org";
const SERVER: &str = "chat.example.org:443";

/// An authority.
struct Authority {
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and the key that goes with it.
struct Shown {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "An authority of these tests");
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        Self { root, issuer: Issuer::new(params, key) }
    }

    fn issues(&self, name: &str, until: i32) -> Shown {
        let (key, params) = (KeyPair::generate().unwrap(), leaf(name, until));
        Shown { certificate: params.signed_by(&key, &self.issuer).unwrap().der().clone(), key }
    }
}

fn leaf(name: &str, until: i32) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(until, 1, 1));
    params
}

/// `as_authority`: as `openssl req -x509` makes it.
fn self_signed(as_authority: bool) -> Shown {
    let (key, mut params) = (KeyPair::generate().unwrap(), leaf(NAME, 4000));
    params.is_ca = if as_authority { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::NoCa };
    Shown { certificate: params.self_signed(&key).unwrap().der().clone(), key }
}

impl Shown {
    fn fingerprint(&self) -> Fingerprint {
        fingerprint(&self.certificate)
    }

    /// The same certificate in the hands of somebody who has another key.
    fn copied(&self) -> Self {
        Self { certificate: self.certificate.clone(), key: KeyPair::generate().unwrap() }
    }
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// A machine that trusts an authority, and what it knows of servers.
struct Machine {
    _folder: tempfile::TempDir,
    authority: Authority,
    known: KnownServers,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let known = KnownServers::at(folder.path().join("known_servers"));
        Self { _folder: folder, authority: Authority::new(), known }
    }

    async fn meets(&self, shown: &Shown) -> Result<(), Error> {
        self.meets_trusting(shown, Trust::Known(self.known.clone()), &rustls::version::TLS13).await
    }

    /// A handshake with who shows this.
    async fn meets_trusting(
        &self,
        shown: &Shown,
        trust: Trust,
        version: &'static rustls::SupportedProtocolVersion,
    ) -> Result<(), Error> {
        let provider = Arc::new(ring::default_provider());
        let system = Verifier::new_with_extra_roots([self.authority.root.clone()], provider.clone()).ok();
        let server = SERVER.to_owned();
        let judge = Judge { system, trust, server, proving: Mutex::default(), provider: provider.clone() };
        let config = ClientConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[version]).unwrap();
        let config = config.dangerous().with_custom_certificate_verifier(Arc::new(judge)).with_no_client_auth();

        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(shown.key.serialize_der()));
        let key = provider.key_provider.load_private_key(key).unwrap();
        let certified = Arc::new(CertifiedKey::new(vec![shown.certificate.clone()], key));
        let server = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let server = server.with_no_client_auth().with_cert_resolver(Arc::new(Always(certified)));

        let (here, there) = tokio::io::duplex(64 * 1024);
        let acceptor = TlsAcceptor::from(Arc::new(server));
        let name = ServerName::try_from(NAME).unwrap();
        let (connected, _) =
            tokio::join!(TlsConnector::from(Arc::new(config)).connect(name, here), acceptor.accept(there));
        connected.map(drop).map_err(|error| refusal(&error).expect("a refusal"))
    }

    async fn refuses(&self, shown: &Shown) -> Untrusted {
        match self.meets(shown).await {
            Err(Error::Untrusted(untrusted)) => *untrusted,
            other => panic!("it was to be untrusted: {other:?}"),
        }
    }

    fn knows(&self) -> Option<Known> {
        self.known.of(SERVER).unwrap()
    }
}

#[tokio::test]
async fn a_house_that_an_authority_vouched_for_is_refused_once_none_does() {
    let machine = Machine::new();
    machine.meets(&machine.authority.issues(NAME, 4000)).await.unwrap();
    assert_eq!(machine.knows(), Some(Known::ByAuthority));
    // Renewed: another certificate and key, the same name.
    machine.meets(&machine.authority.issues(NAME, 4000)).await.unwrap();
    let impostors = [
        self_signed(false),
        self_signed(true),
        machine.authority.issues("other.example.org", 4000),
        machine.authority.issues(NAME, 2021),
        Authority::new().issues(NAME, 4000),
    ];
    for impostor in &impostors {
        let refused = machine.refuses(impostor).await;
        assert_eq!((refused.known, refused.fingerprint), (Some(Known::ByAuthority), Some(impostor.fingerprint())));
        assert!(!refused.may_be_asked_about() && machine.known.believe(&refused).is_err(), "{refused}");
    }
    assert_eq!(machine.knows(), Some(Known::ByAuthority));
}

#[tokio::test]
async fn what_speaks_against_a_stranger_is_told_apart() {
    let machine = Machine::new();
    let authority = &machine.authority;
    let cases = [
        (self_signed(false), Flaw::SelfSigned, true),
        (self_signed(true), Flaw::SelfSigned, true),
        (Authority::new().issues(NAME, 4000), Flaw::UnknownAuthority, true),
        (authority.issues("other.example.org", 4000), Flaw::OtherName(vec!["other.example.org".into()]), false),
        (authority.issues("192.0.2.7", 4000), Flaw::OtherName(vec!["192.0.2.7".into()]), false),
        (authority.issues(NAME, 2021), Flaw::Expired(Some(Time(1_609_459_200_000))), false),
    ];
    for (shown, flaw, may_be_asked_about) in &cases {
        let refused = machine.refuses(shown).await;
        assert_eq!((&refused.flaw, refused.known), (flaw, None));
        assert_eq!(refused.may_be_asked_about(), *may_be_asked_about, "{refused}");
        let strict = machine.meets_trusting(shown, Trust::System, &rustls::version::TLS13).await;
        assert!(matches!(strict, Err(Error::Untrusted(_))), "{strict:?}");
    }
    assert_eq!(machine.knows(), None, "nobody was believed, so nobody is known");
}

#[tokio::test]
async fn who_was_trusted_by_fingerprint_shows_it_again_or_is_refused() {
    let machine = Machine::new();
    let first = self_signed(false);
    machine.known.believe(&machine.refuses(&first).await).unwrap();
    machine.meets(&first).await.unwrap();
    let pinned = Some(Known::ByFingerprint(first.fingerprint()));
    assert_eq!(machine.knows(), pinned);
    for other in [self_signed(false), machine.authority.issues("other.example.org", 4000)] {
        let refused = machine.refuses(&other).await;
        assert_eq!(refused.known, pinned);
        assert!(!refused.may_be_asked_about() && refused.to_string().contains("HAS CHANGED"), "{refused}");
    }
    // It gets a certificate that an authority vouches for: that is more than it was trusted for, and counts from then on.
    machine.meets(&machine.authority.issues(NAME, 4000)).await.unwrap();
    assert_eq!(machine.knows(), Some(Known::ByAuthority));
    assert_eq!(machine.refuses(&first).await.known, Some(Known::ByAuthority));
}

#[tokio::test]
async fn who_shows_a_certificate_without_its_key_is_refused_and_nothing_is_remembered() {
    let machine = Machine::new();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let vouched = machine.authority.issues(NAME, 4000);
        let copied = machine.meets_trusting(&vouched.copied(), Trust::Known(machine.known.clone()), version).await;
        assert!(matches!(copied, Err(Error::Tls(..))), "{copied:?}");
        let own = self_signed(false);
        let told = Trust::Known(machine.known.clone().told(own.fingerprint()));
        let copied = machine.meets_trusting(&own.copied(), told, version).await;
        assert!(matches!(copied, Err(Error::Tls(..))), "{copied:?}");
    }
    assert_eq!(machine.knows(), None);
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let vouched = machine.authority.issues(NAME, 4000);
        machine.meets_trusting(&vouched, Trust::Known(machine.known.clone()), version).await.unwrap();
        assert!(machine.known.forget(SERVER).unwrap());
    }
}

#[tokio::test]
async fn a_fingerprint_that_was_told_counts_alone_and_is_remembered() {
    let machine = Machine::new();
    let (own, vouched) = (self_signed(false), machine.authority.issues(NAME, 4000));
    let told = |of: &Shown| Trust::Known(machine.known.clone().told(of.fingerprint()));
    let meets = |shown, trust| machine.meets_trusting(shown, trust, &rustls::version::TLS13);
    // Not even an authority's word stands in for it.
    match meets(&vouched, told(&own)).await {
        Err(Error::Untrusted(refused)) => assert_eq!(refused.flaw, Flaw::OtherThanTold(own.fingerprint())),
        other => panic!("{other:?}"),
    }
    meets(&own, told(&own)).await.unwrap();
    assert_eq!(machine.knows(), Some(Known::ByFingerprint(own.fingerprint())));
    machine.meets(&own).await.unwrap();
    meets(&vouched, told(&vouched)).await.unwrap();
    assert_eq!(machine.knows(), Some(Known::ByAuthority));
    // Without a memory it is just as strict.
    meets(&own, Trust::Fingerprint(own.fingerprint())).await.unwrap();
    assert!(meets(&vouched, Trust::Fingerprint(own.fingerprint())).await.is_err());
}

#[tokio::test]
async fn what_is_known_must_be_readable_where_nobody_vouches() {
    let machine = Machine::new();
    std::fs::write(machine.known.path(), format!("{SERVER} 0101\n")).unwrap();
    let refused = machine.meets(&self_signed(false)).await.unwrap_err();
    assert!(matches!(refused, Error::Tls(..)) && refused.to_string().contains("makes no sense"), "{refused}");
    machine.meets(&machine.authority.issues(NAME, 4000)).await.unwrap();
}

#[test]
fn plaintext_beyond_this_machine_is_taken_only_if_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let known = KnownServers::at(folder.path().join("known_servers"));
    let options = |url: &str| Options::new(url).unwrap().trust(Trust::Known(known.clone()));
    config(&options("localhost:1")).unwrap();
    let Err(Error::Untrusted(asked)) = config(&options("http://example.org:1")) else { panic!() };
    assert_eq!((&asked.flaw, asked.may_be_asked_about()), (&Flaw::Plaintext, true));
    known.believe(&asked).unwrap();
    config(&options("http://example.org:1")).unwrap();
    // Told so, it is remembered; without a memory it is taken for this once.
    config(&options("http://example.org:2").allow_plaintext()).unwrap();
    config(&options("http://example.org:2")).unwrap();
    config(&Options::new("http://example.org:3").unwrap().allow_plaintext()).unwrap();
    assert!(config(&Options::new("http://example.org:3").unwrap()).is_err());
    // What was encrypted once is not plain all at once.
    for before in [Known::ByAuthority, Known::ByFingerprint(Fingerprint([1; 32]))] {
        known.keep("example.org:1", before).unwrap();
        let Err(Error::Untrusted(refused)) = config(&options("http://example.org:1").allow_plaintext()) else {
            panic!()
        };
        assert_eq!((refused.known, refused.may_be_asked_about()), (Some(before), false));
    }
}
