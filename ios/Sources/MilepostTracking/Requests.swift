import Foundation
import MilepostKit

/// What an app says and asks, and where the trips are.
extension MilepostTracker {
    /// The newest trips with all that is known of each, now and whenever any of it changes. Never ends by itself.
    public func trips(limit: Int32 = 20) -> AsyncStream<[TripAccount]> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let reader = Task { [opened] in
                // Another client follows when the core is opened anew.
                for await case .open(let client) in opened.values {
                    for await trips in client.tripAccounts(limit: limit) { continuation.yield(trips) }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in reader.cancel() }
        }
    }

    /// The person agrees to be tracked while on duty, or no longer does.
    public func setConsent(_ given: Bool) {
        keep { $0.consent = given }
        signal(.consent, given ? "granted" : "revoked")
    }

    /// The shift begins or ends.
    public func setDuty(_ on: Bool) {
        keep { $0.onDuty = on }
        signal(.duty, on ? "on" : "off")
    }

    /// Says anything else that the app knows: who drives, a tag, a call, the car's Bluetooth.
    public func signal(_ kind: SignalKind, _ value: String) {
        run("signal") { $0.say(kind, value) }
    }

    /// Begins a trip now, whatever the sensors say.
    public func startTrip() {
        signal(.command, "start_trip")
    }

    /// Ends the open trip now.
    public func stopTrip() {
        signal(.command, "stop_trip")
    }

    /// The impact that was told a moment ago was none: the driver says so.
    public func denyImpact() {
        signal(.command, "deny_impact")
    }

    /// Recorded drives, newest first, for `milepost replay`. The first may still be written to.
    public var recordings: [URL] {
        let keys: [URLResourceKey] = [.contentModificationDateKey]
        let all = try? FileManager.default.contentsOfDirectory(
            at: configuration.coreDirectory, includingPropertiesForKeys: keys)
        func changed(_ file: URL) -> Date {
            (try? file.resourceValues(forKeys: Set(keys)))?.contentModificationDate ?? .distantPast
        }
        return (all ?? []).filter { $0.pathExtension == "mprec" }.sorted { changed($0) > changed($1) }
    }

    /// Sends everything that waits: the driver asks for it.
    public func uploadNow() {
        run("upload") { $0.sensing?.send(flush: true) }
    }

    /// Asks the person the next question, if iOS still shows one. Returns the step; where its way was
    /// ``Permissions/Way/settings`` nothing was shown, and the app offers the settings.
    @discardableResult
    public func request() -> Permissions.Step? {
        let permissions = state.permissions
        guard let step = permissions.next else { return nil }
        if permissions.way == .ask {
            keep { $0.asked.insert(step) }
            if step == .motion { platform.activities.ask() } else { platform.locations.ask(step) }
        }
        return step
    }

    /// Looks again at what may have changed unheard. Called by itself when the app comes to the screen.
    public func resume() {
        deliver(.permissionChanged)
    }

    /// Forgets everything of a driver, `nil`: everything, and what is on its way to the server. Throws where it could not.
    public func erase(driverID: String? = nil) async throws {
        guard let client = await client() else { throw MilepostError.Storage(reason: state.error ?? "not open") }
        run("erase") { $0.sensing?.eraseUploads() }
        try await client.erase(driverID: driverID)
    }
}
