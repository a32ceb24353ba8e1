// Stands for DNS in a Node program: hosts below appliance.test are at one loopback port, under their own names in TLS.
"use strict";
const net = require("node:net");
const tls = require("node:tls");

const port = Number(process.env.APPLIANCE_PORT);
const ours = (host) => typeof host === "string" && host.endsWith(".appliance.test");

for (const [module, name] of [[tls, "connect"], [net, "connect"], [net, "createConnection"]]) {
  const real = module[name];
  module[name] = function (options, ...rest) {
    if (options && typeof options === "object" && ours(options.host || options.hostname)) {
      const host = options.servername || options.host || options.hostname;
      return real.call(this, { ...options, host: "127.0.0.1", hostname: undefined, port, servername: host }, ...rest);
    }
    return real.call(this, options, ...rest);
  };
}
