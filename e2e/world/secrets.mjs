// LG-01: what must never reach a browser. Every answer that any test receives, in a browser or not,
// is searched for it.

const TOKENS = [
  // A JWT: base64url of `{"`, and two more parts.
  { name: "a JWT", shape: /\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]{6,}/ },
  // A refresh token of the identity service.
  { name: "a refresh token", shape: /\bcr1\.[\w-]{20,}/ },
];

/** What a session cookie looks like: the secret half of a session. */
const COOKIE = { name: "a session cookie", shape: /\bv1\.[\w-]{22}\.[\w-]{43}/ };

/** Fails if `text`, found at `place`, holds a token. */
export function assertNoToken(text, place) {
  assertNone(TOKENS, text, place);
}

/** The same for what is written down, where a session cookie is a secret, too. */
export function assertNoSecret(text, place) {
  assertNone([...TOKENS, COOKIE], text, place);
}

function assertNone(secrets, text, place) {
  for (const { name, shape } of secrets) {
    const found = shape.exec(text);
    if (found) throw new Error(`${name} in ${place}: ${found[0].slice(0, 24)}…`);
  }
}
