"""JSON Web Tokens for the fixture's hub `/members`, whose secret the tests know."""

import base64
import hashlib
import hmac
import json
import time

_SECRET = bytes([7] * 32)


def token(secret=_SECRET, **claims):
    """A token that is good for ten minutes, unless `exp` says otherwise."""
    claims = {"exp": int(time.time()) + 600, **claims}
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    text = b".".join(_text(json.dumps(part).encode()) for part in parts)
    return (text + b"." + _text(hmac.new(secret, text, hashlib.sha256).digest())).decode()


def refused():
    """Tokens that are not accepted, by what is wrong with them."""
    return {
        "another key": token(bytes([8] * 32), sub="ann"),
        "expired": token(sub="ann", exp=int(time.time()) - 5),
        "no end": token(sub="ann", exp=None),
    }


def _text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")
