/// Where in a file's text a key stands; the parser tells that only of what it cannot parse.
enum TOMLLines {
    /// The line, counted from 1, that `key`, with the tables around it, is set or opened in; nil where it is written in another way.
    static func line(of key: String, in text: String) -> Int? {
        var table = ""
        // By code points: to Swift, a carriage return and a line end are one character.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.map(Substring.init).enumerated() {
            let line = line.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
            if line.hasPrefix("[") {
                table = String(line.drop { $0 == "[" }.prefix { $0 != "]" })
                if table == key || table.hasPrefix("\(key).") { return index + 1 }
            } else if let equals = line.firstIndex(of: "=") {
                let name = (table.isEmpty ? "" : "\(table).") + line[..<equals]
                if name == key || name.hasPrefix("\(key).") { return index + 1 }
            }
        }
        return nil
    }
}
