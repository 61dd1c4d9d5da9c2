/// What experimaestro writes, made by the tests.
public enum Written {
    /// A service's entry in status.json, by its name.
    public static func service(_ id: String, state: String = "{}", extra: String = "") -> String {
        #""\#(id)":{"service_id":"\#(id)","description":"A \#(id)","class":"m.Board","state_dict":\#(state),"experiment_id":"e","run_id":"r","state":"STOPPED","url":null\#(extra)}"#
    }

    /// A whole status.json.
    public static func status(_ word: String, _ services: String..., events: Int? = nil, host: String = "vm") -> String
    {
        let count = events.map { #","events_count":\#($0)"# } ?? ""
        return
            #"{"version":1,"experiment_id":"e","status":"\#(word)","hostname":"\#(host)","started_at":"2026-11-22T12:48:41.173670","ended_at":null,"job_states":{"j":"done"},"services":{\#(services.joined(separator: ","))},"run_tags":[]\#(count)}"#
    }

    /// A line of an event file.
    public static func event(_ id: String, state: String = "{}", run: String = "") -> String {
        #"{"timestamp":1795351721.39,"experiment_id":"","service_id":"\#(id)","run_id":"\#(run)","description":"A \#(id)","service_class":"m.Board","state_dict":\#(state),"event_type":"ServiceAddedEvent"}"#
            + "\n"
    }
}
