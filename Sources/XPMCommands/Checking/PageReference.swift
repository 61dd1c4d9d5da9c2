/// Something that a page or a style sheet has a browser load.
struct PageReference: Hashable {
    /// What it is loaded as.
    enum Kind: String, Hashable, Encodable {
        case page, script, style, image, font, media, frame, manifest, icon, other, socket

        /// What a browser says of it in Sec-Fetch-Dest.
        var destination: String {
            switch self {
            case .page: "document"
            case .script: "script"
            case .style: "style"
            case .image, .icon: "image"
            case .font: "font"
            case .media: "video"
            case .frame: "iframe"
            case .manifest: "manifest"
            case .other: "empty"
            case .socket: "websocket"
            }
        }
    }

    var kind: Kind
    /// As it is written.
    var text: String
}
