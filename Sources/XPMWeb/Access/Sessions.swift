import XPMClient
import XPMProtocol

/// The browsers that are signed in. Only hashes of their cookies are kept, in memory and in files, so that a restart signs nobody out.
final class Sessions {
    /// For how long a browser stays signed in.
    static let lifetime: Int64 = 30 * 86_400_000
    /// How many browsers may be, and at how many services' origins each. The oldest one makes way.
    static let (most, mostOrigins) = (64, 256)

    private let folder: WebFolder
    private var all: [Digest: Session] = [:]
    /// The sessions at services' origins of each of the dashboard's.
    private var derived: [Digest: Set<Digest>] = [:]

    /// Those that are in the folder. Expired ones, and those whose dashboard's session is gone, are removed.
    init(folder: WebFolder, at moment: Timestamp = .now) throws(WireError) {
        self.folder = folder
        try folder.make()
        var found: [Digest: Session] = [:]
        for digest in folder.digests() {
            if let bytes = folder.read(digest), let session = try? Wire.decode(Session.self, from: bytes) {
                found[digest] = session
            }
        }
        for (digest, session) in found {
            let parent = session.parent.map { Digest(hexadecimal: $0) }
            let isOrphan = parent.map { $0.flatMap { found[$0] }.map { $0.parent != nil } ?? true } ?? false
            guard moment < session.expiresAt, !isOrphan, (parent == nil) == (session.label == nil) else {
                folder.remove(digest)
                continue
            }
            all[digest] = session
            if case let parent?? = parent { derived[parent, default: []].insert(digest) }
        }
        trim()
    }

    /// How many there are, at whatever origins.
    var count: Int { all.count }

    /// Signs a browser in at the dashboard: the cookie's secret.
    func begin(at moment: Timestamp = .now) throws(WireError) -> String {
        let expiry = Timestamp(milliseconds: moment.milliseconds + Self.lifetime)
        let (secret, _) = try add(Session(createdAt: moment, expiresAt: expiry))
        trim()
        return secret
    }

    /// Signs the browser of a dashboard's session in at a service's origin: the cookie's secret. Nil where it is no such session.
    func derive(from parent: Digest, for label: String, at moment: Timestamp = .now) throws(WireError) -> String? {
        guard isValid(parent, at: nil, moment), let owner = all[parent] else { return nil }
        let earlier = derived[parent, default: []].filter { all[$0]?.label == label }
        let (secret, digest) = try add(
            Session(createdAt: moment, expiresAt: owner.expiresAt, label: label, parent: parent.hexadecimal))
        // The browser forgets the cookie that it had there.
        for digest in earlier { end(digest) }
        derived[parent, default: []].insert(digest)
        if let children = derived[parent], children.count > Self.mostOrigins, let oldest = oldest(of: children) {
            end(oldest)
        }
        return secret
    }

    /// Whether a cookie with this hash counts at the origin of `label`, or at the dashboard's (nil).
    func isValid(_ digest: Digest, at label: String?, _ moment: Timestamp = .now) -> Bool {
        guard let session = all[digest], session.label == label else { return false }
        guard moment < session.expiresAt else {
            end(digest)
            return false
        }
        return true
    }

    /// Signs a browser out, at services' origins, too.
    func end(_ digest: Digest) {
        guard let session = all.removeValue(forKey: digest) else { return }
        folder.remove(digest)
        for child in derived.removeValue(forKey: digest) ?? [] { end(child) }
        if let parent = session.parent.flatMap(Digest.init(hexadecimal:)) { derived[parent]?.remove(digest) }
    }

    /// The session of the dashboard that a session belongs to: itself, or that which it comes from.
    func root(of digest: Digest) -> Digest { all[digest]?.parent.flatMap(Digest.init(hexadecimal:)) ?? digest }

    /// Signs everybody out.
    func endAll() { for digest in Array(all.keys) { end(digest) } }

    private func add(_ session: Session) throws(WireError) -> (String, Digest) {
        let secret = WebSecret.make()
        let digest = Digest.sha256(secret)
        let bytes: [UInt8]
        do { bytes = try Wire.encode(session) } catch {
            throw WireError(.internalError, "cannot encode a session: \(error)")
        }
        try folder.write(bytes, for: digest, isDurable: false)
        all[digest] = session
        return (secret, digest)
    }

    private func trim() {
        while case let roots = all.filter({ $0.value.parent == nil }), roots.count > Self.most,
            let oldest = oldest(of: roots.keys)
        {
            end(oldest)
        }
    }

    private func oldest(of digests: some Sequence<Digest>) -> Digest? {
        digests.min { (all[$0]?.createdAt.milliseconds ?? .min) < (all[$1]?.createdAt.milliseconds ?? .min) }
    }
}
