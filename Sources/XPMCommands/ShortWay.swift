import ArgumentParser

/// `xpmctl status NAME`, which scripts and prompts run again and again, without ArgumentParser's way through declarations: that costs
/// more than the question and the answer together. It reads only the plainest forms and leaves everything else to the long way.
enum ShortWay {
    static func command(_ arguments: [String]) -> (any ParsableCommand)? {
        guard arguments.count >= 2, arguments[0] == "status", !arguments[1].hasPrefix("-") else { return nil }
        guard let format = format(arguments.dropFirst(2)) else { return nil }
        var command = StatusCommand()
        // Every wrapped property is set: one that was not parsed has no value, not even its default.
        command.connection = ConnectionOptions()
        command.connection.socket = nil
        command.connection.noAutostart = false
        command.naming = NamingOptions()
        command.naming.workspace = nil
        command.output = OutputOptions()
        command.output.output = format
        command.time = TimeOptions()
        command.time.utc = false
        command.names = [arguments[1]]
        return command
    }

    private static func format(_ options: ArraySlice<String>) -> OutputFormat? {
        if options.isEmpty { return .table }
        guard options.count == 2, options.first == "--output" || options.first == "-o" else { return nil }
        return options.last.flatMap(OutputFormat.init)
    }
}
