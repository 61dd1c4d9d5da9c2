// The first page: services and their states, live.
const list = document.getElementById("services");
const stream = new EventSource("/api/v1/live");
const rows = new Map();

function show({ services = [] }) {
  for (const service of services) {
    const row = rows.get(service.name) ?? list.appendChild(document.createElement("li"));
    rows.set(service.name, row);
    row.textContent = `${service.name}: ${service.state}`;
  }
}

stream.addEventListener("snapshot", (event) => show(JSON.parse(event.data)));
stream.addEventListener("change", (event) => show(JSON.parse(event.data)));
stream.onopen = () => { document.getElementById("connection").textContent = "Connected"; };
stream.onerror = () => { document.getElementById("connection").textContent = "Not connected"; };
