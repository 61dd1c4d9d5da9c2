import XPMProtocol

/// A service with a page of its own: it tells what it was asked, echoes WebSockets, streams events when told to, and sends much.
enum TestBackend {
    /// Adds it to a run. `script` runs before it serves, `gate` is a named pipe from which it first reads a line.
    static func add(
        _ id: String, to run: RunIdentity, of xpmd: Instance, before: String = "", gate: Tidings? = nil,
        _ change: (inout ServiceDefinition) -> Void = { _ in }
    ) throws {
        let program = try xpmd.scratch.file("backend-\(id).py", source)
        let wait = gate.map { "read go < \($0.path); " } ?? ""
        try xpmd.addScript(
            id, "\(before)\(wait)exec python3 -u \(program) \(xpmd.scratch.path)/asked-\(id)", to: run,
            defining: { definition in
                definition.readiness = Readiness(log: LogPattern("serving (?<url>http\\S+)"))
                change(&definition)
            })
    }

    /// Each request that has come to it, a line for each: method, path, and how many bytes of content.
    static func asked(_ id: String, of xpmd: Instance) -> [String] {
        text(of: "\(xpmd.scratch.path)/asked-\(id)").split(separator: "\n").map(String.init)
    }

    private static let source = #"""
        import base64, hashlib, http.server, socketserver, sys, threading
        record, tick = open(sys.argv[1], "a", buffering=1), threading.Condition()
        ticks = 0
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *words): pass
            def do_GET(self):
                global ticks
                length = int(self.headers.get("Content-Length") or 0)
                content = self.rfile.read(length)
                record.write(f"{self.command} {self.path} {len(content)}\n")
                if self.headers.get("Upgrade") == "websocket": return self.echo()
                if self.path == "/events": return self.events()
                if self.path == "/tick":
                    with tick:
                        ticks += 1
                        tick.notify_all()
                if self.path == "/large":
                    self.send_response(200)
                    self.send_header("Content-Length", str(64 << 20))
                    self.end_headers()
                    for part in range(64): self.wfile.write(bytes([part]) * (1 << 20))
                    return
                body = (f"{self.command} {self.path}\n{self.headers}").encode() + content
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            do_POST = do_PUT = do_HEAD = do_OPTIONS = do_GET
            def events(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                with tick:
                    seen = ticks
                    self.wfile.write(b"data: begin\n\n")
                    while True:
                        while ticks == seen: tick.wait()
                        seen = ticks
                        self.wfile.write(f"data: {seen}\n\n".encode())
            def echo(self):
                key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                self.send_response(101)
                self.send_header("Upgrade", "websocket")
                self.send_header("Connection", "Upgrade")
                self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
                self.end_headers()
                self.close_connection = True
                while True:
                    head = self.rfile.read(2)
                    if len(head) < 2: return
                    mask, length = self.rfile.read(4), head[1] & 127
                    data = bytes(byte ^ mask[place % 4] for place, byte in enumerate(self.rfile.read(length)))
                    self.wfile.write(bytes([head[0], length]) + data)
        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads, request_queue_size = True, 128
        server = Server(("127.0.0.1", 0), Handler)
        print(f"serving http://127.0.0.1:{server.server_address[1]}/", flush=True)
        server.serve_forever()
        """#
}
