import CDashboard
import XPMClient

/// The files of the dashboard, which are compiled into the program.
enum DashboardAssets {
    /// The file at a path without its query, `/` or `/assets/NAME`; nil if there is none. Its tag is that of an ETag field, quotes included.
    static func asset(for path: String) -> (type: String, etag: String, body: [UInt8])? { all[path] }

    static let all: [String: (type: String, etag: String, body: [UInt8])] = {
        var found: [String: (type: String, etag: String, body: [UInt8])] = [:]
        var place = 0
        while let asset = xpm_dashboard_asset(place)?.pointee {
            let body = [UInt8](UnsafeBufferPointer(start: asset.bytes, count: asset.length))
            let tag = "\"\(Digest.sha256(body).hexadecimal.prefix(32))\""
            found[String(cString: asset.path)] = (String(cString: asset.type), tag, body)
            place += 1
        }
        return found
    }()
}
