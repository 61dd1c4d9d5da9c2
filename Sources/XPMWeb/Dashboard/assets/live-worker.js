// The SharedWorker of all tabs.
import { Hub } from "./hub.js";

const hub = new Hub();
self.onconnect = ({ ports: [port] }) => {
  const take = hub.attach((message) => port.postMessage(message));
  port.onmessage = ({ data }) => take(data);
};
