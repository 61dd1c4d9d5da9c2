import XPMClient

/// A page of ours: it loads nothing, and runs nothing but the script that its policy names by its hash.
struct Page {
    var title: String
    var body: Markup
    var script: String?

    /// What every answer of ours says to browsers.
    static let fields: [(name: StaticString, value: String)] = [
        ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ]

    /// The policy of answers that are no page.
    static let closedPolicy = "default-src 'none'; frame-ancestors 'none'"

    func answer(_ status: Int, _ more: [(name: StaticString, value: String)] = []) -> Answer {
        let scriptSource = script.map { "'\(Self.source($0))'" } ?? "'none'"
        let policy =
            "default-src 'none'; script-src \(scriptSource); style-src '\(Self.styleSource)'; connect-src 'self'; "
            + "img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        return Answer(
            status, type: "text/html; charset=utf-8", Self.fields + [("Content-Security-Policy", policy)] + more,
            text: text)
    }

    private var text: String {
        let head: Markup = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            <link rel="icon" href="data:,">
            """
        let script = script.map { "<script>\($0)</script>" } ?? ""
        return head.text
            + "<style>\(Self.style)</style>\n</head>\n<body>\n<main>\n\(body.text)\n</main>\n\(script)</body>\n</html>\n"
    }

    /// The hash by which a policy allows a script or a style (CSP 3, 2.3.1).
    private static func source(_ text: String) -> String {
        "sha256-" + WebSecret.base64(Digest.sha256(text).bytes)
    }

    private static let styleSource = source(style)

    private static let style = """
        :root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
        body{margin:0;display:grid;min-height:100vh;place-items:center;background:light-dark(#f6f7f9,#14171c);color:light-dark(#1b1f24,#e6e9ee)}
        main{box-sizing:border-box;width:min(44rem,100vw);padding:2rem 1.5rem}
        h1{font-size:1.4rem;margin:0 0 .5rem;overflow-wrap:anywhere}
        p{margin:.5rem 0;overflow-wrap:anywhere}
        code,pre{font:.9rem/1.45 ui-monospace,monospace}
        code{padding:.1em .35em;border-radius:.3em;background:light-dark(#e7eaef,#252a32)}
        pre{max-height:50vh;overflow:auto;padding:.75rem 1rem;border-radius:.5rem;background:light-dark(#fff,#0d0f13);border:1px solid light-dark(#d5dae1,#2b313a);white-space:pre-wrap;overflow-wrap:anywhere}
        button{font:inherit;padding:.5rem 1.25rem;border:0;border-radius:.5rem;background:light-dark(#0b62c4,#3d8bea);color:light-dark(#fff,#08121f);cursor:pointer}
        button:focus-visible,a:focus-visible{outline:3px solid light-dark(#0b62c4,#8fbcff);outline-offset:2px}
        a{color:light-dark(#0b5cb8,#7db4ff)}
        ul{padding-left:1.2rem}
        .error{color:light-dark(#b3261e,#ff9d94)}
        .muted{color:light-dark(#57606a,#a3adba)}
        [hidden]{display:none}
        progress{width:100%}
        @media (prefers-reduced-motion:reduce){progress{display:none}}
        """
}
