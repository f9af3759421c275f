// LG-01: what must never reach a browser. Every answer that any test receives, in a browser or not,
// is searched for it.

const TOKENS = [
  // A JWT: base64url of `{"`, and two more parts.
  { name: "a JWT", shape: /\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]{6,}/ },
  // A refresh token of the identity service.
  { name: "a refresh token", shape: /\bcr1\.[\w-]{20,}/ },
];

/** Fails if `text`, found at `place`, holds a token. */
export function assertNoToken(text, place) {
  for (const { name, shape } of TOKENS) {
    const found = shape.exec(text);
    if (found) throw new Error(`${name} in ${place}: ${found[0].slice(0, 24)}…`);
  }
}
