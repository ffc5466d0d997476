// Identity providers for the tests of sign-in: four issuers of oidc-provider in one process.
//
// Prints one line of JSON, the address of each issuer by its name, and ends when its standard input does.
// `oidc` tells about people at its userinfo endpoint, `other` already in the ID token; `github` and `gitlab`
// have the paths of those sites, and an API that answers as theirs does to an access token.
import { generateKeyPairSync } from "node:crypto";
import http from "node:http";
import { Provider } from "oidc-provider";

const CALLBACK = process.argv[2]; // such as http://portal.example/api/auth
const PEOPLE = {
  jane: { number: 101, name: "Jane Doe", email: "jane@harbour.example", email_verified: true },
  sam: { number: 102, name: "Sam Roe", email: "sam@harbour.example", email_verified: false },
  stranger: { number: 103, name: "A Stranger", email: "stranger@elsewhere.example", email_verified: true },
};
const ISSUERS = {
  oidc: {},
  other: { conformIdTokenClaims: false },
  github: {
    routes: { authorization: "/login/oauth/authorize", token: "/login/oauth/access_token" },
    api: {
      "/api/v3/user": (login, one) => ({ id: one.number, login, name: one.name, email: null }),
      "/api/v3/user/emails": (login, one) => [
        { email: `${login}@private.example`, primary: false, verified: true },
        { email: one.email, primary: true, verified: one.email_verified },
      ],
    },
  },
  gitlab: {
    routes: { authorization: "/oauth/authorize", token: "/oauth/token" },
    api: {
      "/api/v4/user": (username, one) => ({
        id: one.number,
        username,
        name: one.name,
        email: one.email,
        confirmed_at: one.email_verified ? "2026-01-01T00:00:00Z" : null,
      }),
    },
  },
};

function client(id, provider, more = {}) {
  return {
    client_id: id,
    client_secret: `${id}-secret-of-the-tests`,
    redirect_uris: [`${CALLBACK}/${provider}/handler/frame`],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    ...more,
  };
}

const post = { token_endpoint_auth_method: "client_secret_post" };

function clients(name) {
  if (name === "github" || name === "gitlab") return [client("portal", name, post)];
  return [
    client("portal", "oidc", { redirect_uris: ["oidc", "okta"].map((one) => `${CALLBACK}/${one}/handler/frame`) }),
    client("another", "oidc", post),
    // Signs with the client's secret, which the portal must not accept.
    client("shared", "oidc", { id_token_signed_response_alg: "HS256" }),
  ];
}

function configuration(name, given) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: "jwk" }), kid: `${name}-key`, use: "sig" };
  return {
    clients: clients(name),
    jwks: { keys: [key] },
    cookies: { keys: ["a key of the tests"] },
    pkce: { required: () => true },
    scopes: ["openid", "read:user", "user:email", "read_user"],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
    conformIdTokenClaims: given.conformIdTokenClaims ?? true,
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "HS256"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    routes: given.routes ?? {},
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, ...PEOPLE[id], number: undefined }),
    }),
    // Nobody is asked for consent.
    loadExistingGrant: async (ctx) => {
      const { client: asking, session, params } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({ clientId: asking.clientId, accountId: session.accountId });
      grant.addOIDCScope(params.scope ?? "");
      await grant.save();
      return grant;
    },
  };
}

async function form(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
}

// The page of a sign-in that began: a form to say who one is, or to leave.
async function interact(provider, request, response) {
  if (request.method === "GET") {
    const { uid } = await provider.interactionDetails(request, response);
    response.setHeader("content-type", "text/html");
    response.end(
      `<!doctype html><form method="post" action="/interaction/${uid}"><input name="login"><button>Go</button></form>`,
    );
    return;
  }
  const login = (await form(request)).get("login");
  const result = Object.hasOwn(PEOPLE, login)
    ? { login: { accountId: login } }
    : { error: "access_denied", error_description: "nobody signed in" };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function api(provider, answer, request, response) {
  const token = await provider.AccessToken.find((request.headers.authorization ?? "").replace(/^Bearer /, ""));
  response.statusCode = token ? 200 : 401;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(token ? answer(token.accountId, PEOPLE[token.accountId]) : { message: "Bad credentials" }));
}

async function started(name, given) {
  const server = http.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration(name, given));
  const handle = provider.callback();
  server.on("request", async (request, response) => {
    const { pathname } = new URL(request.url, issuer);
    try {
      if (pathname.startsWith("/interaction/")) await interact(provider, request, response);
      else if (given.api?.[pathname]) await api(provider, given.api[pathname], request, response);
      else await handle(request, response);
    } catch (error) {
      response.statusCode = 400;
      response.end(String(error));
    }
  });
  return issuer;
}

const found = {};
for (const [name, given] of Object.entries(ISSUERS)) found[name] = await started(name, given);
process.stdout.write(`${JSON.stringify(found)}\n`);
process.stdin.on("end", () => process.exit(0)).resume();
