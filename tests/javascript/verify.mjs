// Reads {secret, deliveries: [{headers, body}]} as JSON on stdin; writes, for each delivery, which
// library accepts it. It runs in a folder where both are installed.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(process.cwd() + "/");
const judges = {
  standardwebhooks: require("standardwebhooks").Webhook,
  svix: require("svix").Webhook,
};

const { secret, deliveries } = JSON.parse(readFileSync(0, "utf8"));
const verdicts = deliveries.map(({ headers, body }) =>
  Object.fromEntries(
    Object.entries(judges).map(([name, Webhook]) => {
      try {
        new Webhook(secret).verify(body, headers);
        return [name, true];
      } catch {
        return [name, false];
      }
    }),
  ),
);
process.stdout.write(JSON.stringify(verdicts));
