import XPMClient
import XPMProtocol

/// What the page that waits for a service shows: as JSON for its script, and for programs.
struct WaitingState: Encodable {
    var name: String
    var standing: String
    var state: String
    /// What happens, a sentence.
    var title: String
    /// Why, or what it waits for.
    var detail: String?
    var log: [String]

    /// `isComing` where a start was asked for that the record does not show yet; `fault` is why the last one was refused.
    init(_ record: ServiceRecord, log: [String], isComing: Bool = false, fault: String? = nil) {
        var standing = Standing(record)
        if standing == .asleep || standing == .held || standing == .failed {
            standing = isComing ? .coming : fault == nil ? standing : .failed
        }
        (name, self.standing, state) = (record.identity.fullName, standing.rawValue, record.state.rawValue)
        let id = record.identity.id
        switch standing {
        case .running: title = "\(id) is running"
        case .coming: title = "Starting \(id)…"
        case .ending: title = "\(id) is stopping"
        case .asleep: title = "\(id) is not running"
        case .held: title = "\(id) was stopped"
        case .failed: title = "\(id) failed"
        }
        detail =
            fault
            ?? (standing == .failed
                ? record.error ?? record.exit?.description
                : standing == .coming
                    ? record.waitingFor.map { "Waiting for \($0)" } ?? record.status : record.exit?.description)
        self.log = log
    }
}

/// The page that stands in for a service that is not there: its progress and last log lines, and a button where a person has to decide.
enum WaitingPage {
    /// `base` is where the page's own routes are, `/.xpm/`.
    static func page(_ state: WaitingState, base: String) -> Page {
        let isDecided = ["coming", "ending", "running"].contains(state.standing)
        let button = state.standing == "failed" ? "Retry" : "Start"
        return Page(
            title: state.title,
            body: """
                <div id="page" data-base="\(base)">
                <h1 id="title" role="status">\(state.title)</h1>
                <p class="muted">\(state.name)</p>
                <p id="detail">\(state.detail ?? "")</p>
                <progress id="progress" aria-label="Starting" \(isDecided ? "" : "hidden")></progress>
                <p><button id="start" type="button" \(isDecided ? "hidden" : "")>\(button)</button></p>
                <pre id="log" aria-label="Last log lines" \(state.log.isEmpty ? "hidden" : "")>\(state.log.joined(separator: "\n"))</pre>
                <noscript><p>Reload this page to see whether it is ready.</p></noscript>
                </div>
                """,
            script: script)
    }

    /// It asks only while somebody looks, and opens the service once it runs. It never starts anything by itself.
    private static let script = """
        (()=>{
        const get=(id)=>document.getElementById(id),base=get("page").dataset.base,button=get("start"),log=get("log");
        let timer=0,isAsking=false;
        const show=(now)=>{
        get("title").textContent=document.title=now.title;
        get("detail").textContent=now.detail||"";
        get("detail").className=now.standing==="failed"?"error":"";
        const waits=now.standing==="coming"||now.standing==="ending"||now.standing==="running";
        get("progress").hidden=!waits;button.hidden=waits;
        button.textContent=now.standing==="failed"?"Retry":"Start";
        const text=now.log.join("\\n"),end=log.scrollHeight-log.scrollTop-log.clientHeight<8;
        if(log.textContent!==text){log.textContent=text;if(end)log.scrollTop=log.scrollHeight;}
        log.hidden=!text;
        };
        const later=(ms)=>{clearTimeout(timer);if(!document.hidden)timer=setTimeout(ask,ms);};
        const ask=async()=>{
        if(isAsking)return;
        isAsking=true;
        let pause=1000;
        try{
        const reply=await fetch(base+"wait",{headers:{Accept:"application/json"},cache:"no-store"});
        if(reply.status===401)return location.reload();
        const now=await reply.json();
        if(now.standing==="running"){location.reload();return;}
        if(now.standing)show(now);
        if(now.standing==="held"||now.standing==="asleep"||now.standing==="failed")pause=5000;
        }catch{pause=3000;}finally{isAsking=false;}
        later(pause);
        };
        button.addEventListener("click",async()=>{
        button.disabled=true;
        try{
        const reply=await fetch(base+"start",{method:"POST",headers:{"X-XPM-Request":"1"}});
        if(!reply.ok){const fault=await reply.json();get("detail").textContent=fault.error.message;get("detail").className="error";}
        else{button.hidden=true;get("progress").hidden=false;}
        }catch{get("detail").textContent="xpm-web does not answer.";}
        button.disabled=false;later(300);
        });
        document.addEventListener("visibilitychange",()=>later(0));
        log.scrollTop=log.scrollHeight;later(700);
        })();
        """
}
