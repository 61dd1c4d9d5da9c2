import Glibc
import Testing
import XPMProtocol

/// https pages: whose certificate they have, and what they are asked by.
struct SecureProbeTests {
    /// An address of this machine that is not loopback.
    static let ownAddress: String? = {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr, Int32(address.pointee.sa_family) == AF_INET,
                entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0
            else { continue }
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let length = socklen_t(MemoryLayout<sockaddr_in>.size)
            guard getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
                continue
            }
            return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return nil
    }()

    /// Makes a certificate that is its own authority, for `names` as openssl has them.
    private func certify(_ xpmd: Instance, _ names: String) throws {
        let files = xpmd.scratch.path
        let made = try ChildProcess(
            [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "\(files)/key.pem", "-out",
                "\(files)/cert.pem", "-days", "1", "-subj", "/CN=nobody", "-addext", "subjectAltName=\(names)",
            ], environment: xpmd.environment, files: [2: ("/dev/null", O_WRONLY)])
        try #require(try made.wait() == .code(0))
    }

    /// Adds a server that tells of itself as `https://HOST:PORT/`.
    private func add(_ xpmd: Instance, host: String, timeout: Double? = nil, refused: Tidings? = nil) throws {
        let files = xpmd.scratch.path
        let told = refused?.path ?? "/dev/null"
        let code = """
            import http.server as h, ssl
            class Server(h.ThreadingHTTPServer):
                def handle_error(self, *_): pass
                def get_request(self):
                    try: return super().get_request()
                    except OSError:
                        with open('\(told)', 'w') as pipe: pipe.write('refused\\n')
                        raise
            s = Server(('0.0.0.0', 0), h.SimpleHTTPRequestHandler)
            c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain('\(files)/cert.pem', '\(files)/key.pem')
            s.socket = c.wrap_socket(s.socket, server_side=True)
            print('at https://\(host):%d/' % s.server_port, flush=True); s.serve_forever()
            """
        try xpmd.add(
            "web", ["python3", "-c", code], to: xpmd.open("lab"),
            readiness: Readiness(log: LogPattern("at (\\S+)"), http: HTTPProbe(), timeoutSeconds: timeout))
    }

    /// Names of loopback, and what a server prints that listens everywhere.
    @Test(arguments: ["localhost", "127.0.0.1", "0.0.0.0"])
    func onLoopbackAnyCertificateIsGoodEnough(host: String) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try certify(xpmd, "DNS:elsewhere.example")
            try add(xpmd, host: host)
            let running = try xpmd.start("web")
            #expect(running.state == .running && running.url?.hasPrefix("https://\(host):") == true)
        }
    }

    @Test(.enabled(if: ownAddress != nil, "this machine has no address but loopback"))
    func certificateOfAKnownAuthorityForThatHostIsVerified() throws {
        try withInstance { xpmd in
            let address = try #require(Self.ownAddress)
            try certify(xpmd, "IP:\(address)")
            xpmd.environment["SSL_CERT_FILE"] = "\(xpmd.scratch.path)/cert.pem"
            try xpmd.launch()
            try add(xpmd, host: address)
            #expect(try xpmd.start("web").state == .running)
        }
    }

    @Test(.enabled(if: ownAddress != nil, "this machine has no address but loopback"), arguments: [true, false])
    func otherCertificatesAreRefusedWithTheReason(isKnown: Bool) throws {
        try withInstance { xpmd in
            let address = try #require(Self.ownAddress)
            // Of a known authority for another address, and of nobody's for the right one.
            try certify(xpmd, isKnown ? "IP:192.0.2.99" : "IP:\(address)")
            if isKnown { xpmd.environment["SSL_CERT_FILE"] = "\(xpmd.scratch.path)/cert.pem" }
            try xpmd.launch()
            try add(xpmd, host: address, timeout: 8)
            try xpmd.begin("web")
            let error = try xpmd.wait("web", for: .ended).error ?? ""
            #expect(error.contains("TLS failed: "), "\(error)")
            #expect(
                isKnown ? error.contains("IP address mismatch") : error.contains("self-signed certificate"), "\(error)")
        }
    }

    /// What was read of authorities is kept, but not when a certificate was refused by it.
    @Test(.enabled(if: ownAddress != nil, "this machine has no address but loopback"))
    func authorityThatIsAddedLaterIsKnown() throws {
        try withInstance { xpmd in
            let address = try #require(Self.ownAddress)
            try certify(xpmd, "IP:\(address)")
            let known = "\(xpmd.scratch.path)/known.pem"
            xpmd.environment["SSL_CERT_FILE"] = known
            try xpmd.launch()
            let refused = try Tidings("refused", of: xpmd)
            try add(xpmd, host: address, refused: refused)
            try xpmd.begin("web")
            #expect(try refused.line() == "refused")
            #expect(link("\(xpmd.scratch.path)/cert.pem", known) == 0)
            #expect(try xpmd.wait("web", for: .running).state == .running)
        }
    }

    /// The loader finds a file first that is none, as after a half-done upgrade.
    @Test func opensslThatCannotBeLoadedIsNamed() throws {
        try withInstance { xpmd in
            for name in ["libssl.so.3", "libssl.so.1.1"] { try xpmd.scratch.file(name, "no library", mode: 0o700) }
            xpmd.environment["LD_LIBRARY_PATH"] = xpmd.scratch.path
            try xpmd.launch()
            let ready = Readiness(http: HTTPProbe(url: "https://127.0.0.1:1/"), timeoutSeconds: 1)
            try xpmd.addScript("web", "exec sleep 1000", to: xpmd.open("lab")) {
                $0.readiness = ready
                $0.environment?["LD_LIBRARY_PATH"] = nil
            }
            try xpmd.begin("web")
            let error = try xpmd.wait("web", for: .ended).error ?? ""
            #expect(error.contains("OpenSSL cannot be loaded, so https pages cannot be asked: "), "\(error)")
            #expect(error.contains("libssl.so.3: file too short"), "\(error)")
            // The daemon goes on all the same.
            #expect(try xpmd.ctl("list").code == 0)
        }
    }
}
