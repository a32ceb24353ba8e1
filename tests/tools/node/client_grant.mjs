// With npm `auth0`: makes, changes and deletes a client grant, by the variables that were handed over.
import { ManagementClient } from "auth0";

const domain = process.env.AUTH0_DOMAIN;
const audience = process.env.AUTH0_AUDIENCE;
const api = new ManagementClient({
  domain,
  clientId: process.env.AUTH0_CLIENT_ID,
  clientSecret: process.env.AUTH0_CLIENT_SECRET,
});

const application = await api.clients.create({ name: "By the Node SDK", app_type: "non_interactive" });
const made = await api.clientGrants.create({
  client_id: application.client_id, audience, scope: ["read:clients"],
});
const changed = await api.clientGrants.update(made.id, { scope: ["read:clients", "read:connections"] });
const listed = [];
for await (const grant of await api.clientGrants.list({ client_id: application.client_id })) listed.push(grant.id);
await api.clientGrants.delete(made.id);
await api.clients.delete(application.client_id);
console.log(JSON.stringify({ made: made.scope, changed: changed.scope, listed: listed.length }));
