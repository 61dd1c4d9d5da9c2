import XPMProtocol

extension ServiceReference {
    /// The same seen from the folder that this process is in: what is nearest to that is meant before all else.
    var nearThisFolder: ServiceReference {
        // With its workspace it is found whatever is near.
        guard near == nil, workspace == nil else { return self }
        var seen = self
        seen.near = CurrentFolder.nearest
        return seen
    }

    /// The same for what must not reach into another folder by a short name.
    var ofThisFolder: ServiceReference {
        guard near == nil, workspace == nil else { return self }
        var seen = nearThisFolder
        seen.here = here ?? true
        return seen
    }
}
