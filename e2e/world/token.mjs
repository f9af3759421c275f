// Tokens as an upstream receives them. Only the clear part is read: who verifies them is tested elsewhere.

/** The claims of the access token that a request carried to the upstream. */
export function claimsOf(arrived) {
  return claims(bearer(arrived));
}

/** The access token that a request carried to the upstream. */
export function bearer(arrived) {
  const [scheme, token] = (arrived.header("authorization") ?? "").split(" ");
  if (scheme !== "Bearer") throw new Error(`${arrived.target} arrived without a token`);
  return token;
}

/** The claims of a JWT. */
export function claims(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}
