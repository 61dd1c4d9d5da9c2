/// The pages that a browser sees which is not signed in.
enum SignInPage {
    /// What to do, for whoever comes without a session.
    static let signedOut = Page(
        title: "Sign in",
        body: """
            <h1>Sign in</h1>
            <p>This browser is not signed in. Run this in a terminal and open the link that it prints:</p>
            <pre>xpmctl web</pre>
            <p class="muted">To open the link at once, run <code>xpmctl web --open</code>.</p>
            """)

    /// The page that the link leads to: the code is in the fragment, which only a script can read.
    static let withCode = Page(
        title: "Sign in",
        body: """
            <h1>Sign in</h1>
            <p id="state" role="status">Signing in…</p>
            <p id="advice" hidden>Run <code>xpmctl web</code> in a terminal and open the link that it prints.</p>
            <noscript><p class="error">Signing in needs JavaScript.</p></noscript>
            """,
        script: """
            (async()=>{
            const state=document.getElementById("state"),advice=document.getElementById("advice");
            const fail=(text)=>{state.textContent=text;state.className="error";advice.hidden=false;};
            const given=new URLSearchParams(location.hash.slice(1)),code=given.get("code");
            history.replaceState(null,"",location.pathname);
            if(!code)return fail("This link has no sign-in code.");
            let to=new URL("./",location.href);
            try{const url=new URL("."+(given.get("to")||"/"),location.href);if(url.origin===location.origin)to=url;}catch{}
            try{
            const reply=await fetch("api/sign-in",{method:"POST",headers:{"Content-Type":"application/json","X-XPM-Request":"1"},body:JSON.stringify({code})});
            if(reply.ok)return location.replace(to.href);
            fail(reply.status===401?"This link was used already, or it has expired.":"Signing in failed: "+reply.status+".");
            }catch{fail("Signing in failed: xpm-web does not answer.");}
            })();
            """)
}
