import Testing

@testable import XPMProtocol

/// Which words are paths, and where they lead.
struct WrittenPathTests {
    private func absolute(_ text: String) -> String {
        WrittenPath.absolute(text, in: "/cwd") { ["": "/home/ada", "eve": "/home/eve"][$0] }
    }

    @Test(arguments: [
        "gs://bucket/r", "s3://b/k", "hdfs://host:9000/x", "hdfs:///x", "http://h/p", "file:///tmp/x", "dbfs:/mnt/x",
        "abfss://c@a/x",
        "x-goog+1.0://y",
    ])
    func anAddressIsNoPath(address: String) {
        #expect(WrittenPath.isAddress(address) && absolute(address) == address)
    }

    @Test(arguments: [
        ("runs", "/cwd/runs"), ("./runs/.", "/cwd/runs"), ("/a//b/", "/a/b"), ("../x", "/cwd/../x"), (".", "/cwd"),
        ("~", "/home/ada"), ("~/runs", "/home/ada/runs"), ("~eve/x", "/home/eve/x"), ("~nobody/x", "/cwd/~nobody/x"),
        ("a/~/b", "/cwd/a/~/b"), ("./~/b", "/cwd/~/b"), ("./gs://x", "/cwd/gs:/x"),
        ("name:runs", "/cwd/name:runs"), ("C:/runs", "/cwd/C:/runs"), ("1x://y", "/cwd/1x:/y"), ("://x", "/cwd/:/x"),
    ])
    func aPathIsMadeAbsolute(text: String, path: String) {
        #expect(!WrittenPath.isAddress(text) && absolute(text) == path)
    }
}
