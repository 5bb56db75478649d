import Foundation

/// What the tracker must know in a process that iOS starts by itself: a small file, and nothing of the person in it.
struct Kept: Codable, Equatable {
    var onDuty = false
    var consent = false
    var recording = false
    var asked: Set<Permissions.Step> = []

    /// What is not there, or cannot be read, is the beginning: nobody has agreed to anything.
    static func read(_ file: URL) -> Kept {
        guard let data = try? Data(contentsOf: file), let kept = try? JSONDecoder().decode(Kept.self, from: data) else {
            return Kept()
        }
        return kept
    }

    func write(_ file: URL) {
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try JSONEncoder().encode(self).write(to: file, options: .atomic)
        } catch {
            Log.note("cannot keep what was said: \(error)")
        }
    }
}
