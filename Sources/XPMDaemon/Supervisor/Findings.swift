import NIOCore
import XPMControl

/// What looks have found, taken in one after the other, in turn with what clients ask for: many may be answered at once, and each may
/// do as much as a request. All have one place in the rotation, else whoever asks for many would have as many turns.
final class Findings {
    private let rotation: Rotation
    private var waiting = CircularBuffer<() -> Void>()
    private var isInRotation = false

    init(_ rotation: Rotation) { self.rotation = rotation }

    func add(_ finding: @escaping () -> Void) {
        waiting.append(finding)
        guard !isInRotation else { return }
        isInRotation = true
        rotation.add { [self] in
            waiting.popFirst()?()
            isInRotation = !waiting.isEmpty
            return isInRotation
        }
    }
}
