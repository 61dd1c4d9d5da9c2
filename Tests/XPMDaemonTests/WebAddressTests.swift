import Testing

@testable import XPMDaemon

@Suite struct WebAddressTests {
    @Test(arguments: [
        "http://127.0.0.1:6006/", "https://localhost/lab?token=ab#x", "HTTP://h", "http://[::1]:8888/",
        "http://h/a%20b",
    ])
    func pagesAreTaken(url: String) { #expect(WebAddress.fault(url) == nil) }

    @Test(arguments: [
        "", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://h/", "h:80", "http://", "http:///x",
        "http://h:0/", "http://h:65536", "http://h/ x", "http://h/\u{1b}[1m", "http://h/\u{202e}x", "http://h/\u{7f}",
        "http://h/" + String(repeating: "a", count: 5000), "//h/", "http://127.0.0.1:{port}/",
    ])
    func anythingElseIsNot(url: String) { #expect(WebAddress.fault(url) != nil) }

    @Test func whatAServiceSaysIsCheckedToo() {
        #expect(Notification("X_XPM_URL=javascript:alert(1)").url == nil)
        #expect(Notification("X_XPM_URL=javascript:alert(1)").urlFault?.contains("http://") == true)
        #expect(Notification("READY=1\nX_XPM_URL=http://127.0.0.1:1/").url == "http://127.0.0.1:1/")
        #expect(Notification("READY=1\nX_XPM_URL=").urlFault == nil)
    }
}
