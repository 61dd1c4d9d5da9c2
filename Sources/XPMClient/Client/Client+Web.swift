import XPMProtocol

extension Client {
    /// Starts the web page, now and with each daemon from now on. With a time to wait it returns once the page is RUNNING or has failed,
    /// or that is over.
    @discardableResult
    public func startWeb(waiting seconds: Double? = nil) async throws -> WebRecord {
        try await call(StartWeb(waitSeconds: seconds))
    }

    /// Stops the web page until it is started again.
    @discardableResult
    public func stopWeb() async throws -> WebRecord { try await call(StopWeb()) }

    /// How the web page is.
    public func webStatus() async throws -> WebRecord { try await call(WebStatus()) }
}
