import XPMProtocol

/// Where the columns of a list of services stand, by what is to be seen in them.
struct ServiceColumns: Hashable {
    struct Column: Hashable {
        var start = 0
        /// 0 for a column that has no room.
        var width = 0
    }

    var id = Column()
    var experiment = Column()
    var state = Column()
    var description = Column()
    var url = Column()

    init(columns: Int, shown: [ServiceRecord], hasExperiment: Bool, id name: (ServiceRecord) -> String) {
        func widest(_ text: (ServiceRecord) -> String) -> Int { shown.reduce(0) { max($0, TextWidth.of(text($1))) } }
        // A mark stands before the id; one blank is between columns, two where there is room.
        let gap = columns < 60 ? 1 : 2
        var start = 1
        func take(_ width: Int) -> Column {
            let column = Column(start: start, width: max(0, min(width, columns - start)))
            if width > 0 { start += width + gap }
            return column
        }
        id = take(min(max(6, widest(name)), max(8, columns / 4)))
        let owner = { (record: ServiceRecord) in "\(record.identity.run.experiment)@\(record.identity.run.run)" }
        if hasExperiment, columns >= 60 { experiment = take(min(max(10, widest(owner)), columns / 4)) }
        state = take(10)
        let rest = columns - start
        let described = min(widest(\.description), rest - 30)
        if described >= 10 { description = take(min(described, rest * 2 / 5)) }
        url = Column(start: start, width: max(0, columns - start))
    }
}
