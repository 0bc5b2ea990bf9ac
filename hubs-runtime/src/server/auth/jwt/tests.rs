//! Tokens by themselves: what is accepted, and every way to be refused.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::*;

const SECRET: &[u8] = &[7; 32];
pub(super) const RSA_PRIVATE: &[u8] = include_bytes!("testkeys/rsa.private.pem");
const RSA_PUBLIC: &[u8] = include_bytes!("testkeys/rsa.public.pem");
pub(super) const EC_PRIVATE: &[u8] = include_bytes!("testkeys/ec.private.pem");
const EC_PUBLIC: &[u8] = include_bytes!("testkeys/ec.public.pem");
const ED_PRIVATE: &[u8] = include_bytes!("testkeys/ed.private.pem");
const ED_PUBLIC: &[u8] = include_bytes!("testkeys/ed.public.pem");

fn now() -> u64 {
    jsonwebtoken::get_current_timestamp()
}

pub(super) fn good() -> Value {
    json!({"sub": "ann", "exp": now() + 60, "iss": "https://a.example", "aud": "chat"})
}

/// `good()` with one claim changed, or left out where it is null.
fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    if claims[name].is_null() {
        claims.as_object_mut().expect("an object").remove(name);
    }
    claims
}

pub(super) fn signed(header: &Header, claims: &Value, key: &EncodingKey) -> String {
    encode(header, claims, key).expect("it is signed")
}

fn hs256(claims: &Value) -> String {
    signed(&Header::default(), claims, &EncodingKey::from_secret(SECRET))
}

fn bearer_of_a() -> JwtBearer {
    JwtBearer::secret(SECRET).expect("a long secret").issuer("https://a.example").audience("chat")
}

/// A token whose header and payload are these, with a signature that is none.
fn forged(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

#[tokio::test]
async fn claims_become_a_principal() {
    let claims = json!({
        "sub": "ann", "exp": now() + 60, "role": "admin", "roles": ["a", 7, "b"], "tenant": "blue",
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/role": ["c"],
    });
    let jwt = JwtBearer::secret(SECRET).expect("a long secret");
    let user = jwt.validate(&hs256(&claims)).expect("it is accepted");
    assert_eq!(user.id().map(UserId::as_str), Some("ann"));
    assert_eq!(user.roles(), ["admin", "a", "b", "c"]);
    assert_eq!(user.claim("tenant"), Some(&json!("blue")));
    assert!(user.expires().is_some());
    let dotnet = json!({"exp": now() + 60, USER_CLAIMS[1]: "bob"});
    assert_eq!(jwt.validate(&hs256(&dotnet)).expect("it is accepted").id().map(UserId::as_str), Some("bob"));
    let service = json!({"exp": now() + 60, "role": "service"});
    let user = jwt.validate(&hs256(&service)).expect("a user without an id is no error");
    assert!(user.id().is_none() && user.has_role("service"));
    let own = jwt.user_id(|claims| Some(UserId::from(claims.get("email")?.as_str()?)));
    let token = hs256(&json!({"exp": now() + 60, "sub": "1", "email": "ann@example.com"}));
    assert_eq!(own.validate(&token).expect("it is accepted").id().map(UserId::as_str), Some("ann@example.com"));
}

#[tokio::test]
async fn every_kind_of_key_accepts_its_own_tokens_alone() {
    let pem = |pem: &[u8]| JwtBearer::pem(pem).expect("a public key");
    let kinds = [
        (JwtAlgorithm::HS256, EncodingKey::from_secret(SECRET), JwtBearer::secret(SECRET).expect("a long secret")),
        (JwtAlgorithm::RS256, EncodingKey::from_rsa_pem(RSA_PRIVATE).expect("a key"), pem(RSA_PUBLIC)),
        (JwtAlgorithm::ES256, EncodingKey::from_ec_pem(EC_PRIVATE).expect("a key"), pem(EC_PUBLIC)),
        (JwtAlgorithm::EdDSA, EncodingKey::from_ed_pem(ED_PRIVATE).expect("a key"), pem(ED_PUBLIC)),
    ];
    for (algorithm, key, _) in &kinds {
        let token = signed(&Header::new(*algorithm), &good(), key);
        for (other, _, jwt) in &kinds {
            assert_eq!(jwt.validate(&token).is_ok(), algorithm == other, "{algorithm:?} at {other:?}");
        }
    }
    assert!(matches!(JwtBearer::secret("short"), Err(JwtKeyError::ShortSecret(5))));
    assert!(matches!(JwtBearer::pem("no key"), Err(JwtKeyError::NoPublicKey)));
}

#[tokio::test]
async fn b3_05_bad_tokens() {
    let jwt = bearer_of_a();
    assert!(jwt.validate(&hs256(&good())).is_ok());
    let hs = |claims: Value| hs256(&claims);
    let swapped = signed(&Header::default(), &good(), &EncodingKey::from_secret(RSA_PUBLIC));
    let own_key = Header {
        jku: Some("https://evil.example/keys".to_owned()),
        x5u: Some("https://evil.example/x".to_owned()),
        ..Header::default()
    };
    let evil = EncodingKey::from_secret(&[9; 32]);
    let cases = [
        ("alg none", forged(&json!({"alg": "none", "typ": "JWT"}), &good(), "")),
        ("alg None", forged(&json!({"alg": "None"}), &good(), "")),
        ("no alg", forged(&json!({"typ": "JWT"}), &good(), "AAAA")),
        (
            "HS512 where HS256 is allowed",
            signed(&Header::new(JwtAlgorithm::HS512), &good(), &EncodingKey::from_secret(SECRET)),
        ),
        ("text exp", hs(with("exp", json!((now() + 60).to_string())))),
        ("text nbf", hs(with("nbf", json!((now() + 600).to_string())))),
        ("no exp", hs(with("exp", Value::Null))),
        ("exp null", hs256(&json!({"sub": "ann", "exp": null, "iss": "https://a.example", "aud": "chat"}))),
        ("exp over", hs(with("exp", json!(now() - 90)))),
        ("exp negative", hs(with("exp", json!(-1)))),
        ("future nbf", hs(with("nbf", json!(now() + 90)))),
        ("another aud", hs(with("aud", json!("other")))),
        ("no aud", hs(with("aud", Value::Null))),
        ("another iss", hs(with("iss", json!("https://evil.example")))),
        ("no iss", hs(with("iss", Value::Null))),
        ("iss in a list", hs(with("iss", json!(["https://evil.example"])))),
        ("key in the header", signed(&own_key, &good(), &evil)),
        ("another key", signed(&Header::default(), &good(), &evil)),
        ("public key as a secret", swapped.clone()),
        ("empty", String::new()),
        ("dots", "..".to_owned()),
        ("not base64", "a.b.c".to_owned()),
        ("too long", format!("{}.{}", hs256(&good()), "x".repeat(LONGEST))),
    ];
    for (what, token) in cases {
        assert!(jwt.validate(&token).is_err(), "{what}");
    }
    let rsa = JwtBearer::pem(RSA_PUBLIC).expect("a public key");
    assert!(rsa.validate(&swapped).is_err(), "the public key is no secret");
    let all = [JwtAlgorithm::HS256, JwtAlgorithm::RS256, JwtAlgorithm::RS512];
    assert!(rsa.clone().algorithms(all).validate(&swapped).is_err(), "also if the algorithm is allowed");
    let rs512 =
        signed(&Header::new(JwtAlgorithm::RS512), &good(), &EncodingKey::from_rsa_pem(RSA_PRIVATE).expect("a key"));
    assert!(rsa.validate(&rs512).is_err() && rsa.algorithms(all).validate(&rs512).is_ok());
    let valid = hs256(&good());
    for at in 0..valid.len() {
        assert!(jwt.validate(&valid[..at]).is_err(), "the first {at} characters");
    }
}

/// Clocks differ by up to 30 s unless another leeway is set.
#[tokio::test]
async fn b3_09_clocks_may_differ_by_the_leeway() {
    let jwt = bearer_of_a();
    assert!(jwt.validate(&hs256(&with("exp", json!(now() - 20)))).is_ok());
    assert!(jwt.validate(&hs256(&with("nbf", json!(now() + 20)))).is_ok());
    let strict = jwt.clone().leeway(Duration::ZERO);
    for (name, time) in [("exp", now() - 20), ("nbf", now() + 20)] {
        assert_eq!(strict.validate(&hs256(&with(name, json!(time)))), Err(JwtError::Expired));
    }
    let loose = jwt.leeway(Duration::from_secs(120));
    for (name, time) in [("exp", now() - 90), ("nbf", now() + 90)] {
        assert!(loose.validate(&hs256(&with(name, json!(time)))).is_ok());
    }
    for exp in [json!(u64::MAX), json!(1e300), json!(9e15)] {
        let _ = loose.validate(&hs256(&with("exp", exp)));
    }
}

pub(super) fn set_of(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

pub(super) fn rsa_jwk(id: &str) -> Value {
    let key = EncodingKey::from_rsa_pem(RSA_PRIVATE).expect("a key");
    let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, JwtAlgorithm::RS256).expect("a public key");
    let mut jwk = serde_json::to_value(jwk).expect("JSON");
    jwk["kid"] = json!(id);
    jwk
}

pub(super) fn ec_jwk(id: &str) -> Value {
    let key = EncodingKey::from_ec_pem(EC_PRIVATE).expect("a key");
    let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, JwtAlgorithm::ES256).expect("a public key");
    let mut jwk = serde_json::to_value(jwk).expect("JSON");
    jwk["kid"] = json!(id);
    jwk
}

/// Two issuers use the same key id: each is only good for its own tokens.
#[tokio::test]
async fn b3_05_keys_belong_to_their_issuer() {
    let a = JwtBearer::jwks(&set_of(&[rsa_jwk("1")])).expect("a set").issuer("https://a.example");
    let b = JwtBearer::jwks(&set_of(&[ec_jwk("1")])).expect("a set").issuer("https://b.example");
    let jwt = a.or(b);
    let kid = |algorithm| Header { kid: Some("1".to_owned()), ..Header::new(algorithm) };
    let rsa = EncodingKey::from_rsa_pem(RSA_PRIVATE).expect("a key");
    let ec = EncodingKey::from_ec_pem(EC_PRIVATE).expect("a key");
    let claims = |issuer: &str| with("iss", json!(issuer));
    for (issuer, accepted) in [("https://a.example", true), ("https://b.example", false), ("https://c.example", false)]
    {
        assert_eq!(
            jwt.validate(&signed(&kid(JwtAlgorithm::RS256), &claims(issuer), &rsa)).is_ok(),
            accepted,
            "{issuer}"
        );
    }
    for (issuer, accepted) in [("https://a.example", false), ("https://b.example", true)] {
        assert_eq!(
            jwt.validate(&signed(&kid(JwtAlgorithm::ES256), &claims(issuer), &ec)).is_ok(),
            accepted,
            "{issuer}"
        );
    }
    let other = Header { kid: Some("2".to_owned()), ..Header::new(JwtAlgorithm::RS256) };
    assert!(jwt.validate(&signed(&other, &claims("https://a.example"), &rsa)).is_err(), "an unknown key id");
}

#[tokio::test]
async fn of_a_key_set_only_public_keys_for_signatures_are_used() {
    let mut encryption = rsa_jwk("1");
    encryption["use"] = json!("enc");
    let secret = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(SECRET)});
    let unknown = json!({"kty": "new", "kid": "x"});
    for keys in [vec![], vec![encryption.clone()], vec![secret.clone(), unknown.clone()]] {
        assert!(matches!(JwtBearer::jwks(&set_of(&keys)), Err(JwtKeyError::NoKeySet(_))), "{keys:?}");
    }
    assert!(JwtBearer::jwks("{}").is_err() && JwtBearer::jwks("no JSON").is_err());
    let jwt = JwtBearer::jwks(&set_of(&[unknown, secret, encryption, rsa_jwk("2")])).expect("one is left");
    assert!(jwt.validate(&hs256(&good())).is_err());
    assert!(matches!(JwtBearer::jwks_file("/no/such/file"), Err(JwtKeyError::File(_))));
}

#[test]
fn the_token_is_taken_out_of_the_kept_request() {
    for (target, kept) in [
        ("/chat?id=1&access_token=secret", "/chat?id=1"),
        ("/chat?ACCESS_TOKEN=secret", "/chat"),
        ("/chat?access%5Ftoken=secret&x=access_token", "/chat?x=access_token"),
        ("/chat?id=1", "/chat?id=1"),
    ] {
        let request = http::Request::builder().uri(target).header("authorization", "Bearer secret").body(());
        let mut request = request.expect("a request").into_parts().0;
        hide(&mut request);
        assert_eq!(request.uri, *kept, "{target}");
        assert!(!format!("{request:?}").contains("secret"), "{request:?}");
    }
}
