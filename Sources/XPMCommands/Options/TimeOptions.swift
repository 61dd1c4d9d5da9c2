import ArgumentParser

/// How times are printed.
struct TimeOptions: ParsableArguments {
    @Flag(help: "Print times in UTC, not in the local time zone.") var utc = false

    var clock: WallClock { utc ? .utc : .local }
}
