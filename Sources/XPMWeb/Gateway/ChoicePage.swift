import XPMClient
import XPMProtocol

/// What an id that several experiments have leads to.
enum ChoicePage {
    static func answer(_ places: [(MirroredService, String)], asPage: Bool) -> Answer {
        guard asPage else {
            return Refusal(
                300, "ambiguous", "Several experiments have a service of this id",
                data: [
                    "candidates": .array(
                        places.map { .object(["name": .string($0.0.identity.fullName), "url": .string($0.1)]) })
                ]
            ).answer(asPage: false)
        }
        var list: Markup = ""
        for (service, url) in places {
            let run = service.identity.run
            list =
                list
                + "<li><a href=\"\(url)\">\(service.identity.fullName)</a> <span class=\"muted\">\(service.record.state.rawValue), in \(run.workspace)</span></li>\n"
        }
        return Page(
            title: "Which one?",
            body: "<h1>Which one?</h1>\n<p>Several experiments have a service of this id:</p>\n<ul>\n\(list)</ul>"
        ).answer(300)
    }
}
