#if canImport(CoreMotion) && (os(iOS) || MILEPOST_STANDINS)
    import CoreMotion
    import Foundation

    /// CoreMotion's accelerometer and gyroscope, as they come.
    final class AppleMotion: MotionPort, @unchecked Sendable {
        // CMMotionManager may be used from any thread, and there is one for the app.
        private let manager = CMMotionManager()
        private let queue = OperationQueue()
        private let tell: @Sendable (PlatformEvent) -> Void

        init(_ tell: @escaping @Sendable (PlatformEvent) -> Void) {
            self.tell = tell
            queue.name = "io.milepost.motion"
            queue.maxConcurrentOperationCount = 1
        }

        var hasGyroscope: Bool { manager.isGyroAvailable }

        func set(hz: Int) {
            manager.stopAccelerometerUpdates()
            manager.stopGyroUpdates()
            guard hz > 0, manager.isAccelerometerAvailable else { return }
            manager.accelerometerUpdateInterval = 1 / Double(hz)
            manager.gyroUpdateInterval = 1 / Double(hz)
            manager.startAccelerometerUpdates(to: queue) { [tell] data, _ in
                guard let data else { return }
                let a = data.acceleration
                tell(.accelerometer([MotionReading(uptimeS: data.timestamp, x: a.x, y: a.y, z: a.z)]))
            }
            guard manager.isGyroAvailable else { return }
            manager.startGyroUpdates(to: queue) { [tell] data, _ in
                guard let data else { return }
                let r = data.rotationRate
                tell(.gyroscope([MotionReading(uptimeS: data.timestamp, x: r.x, y: r.y, z: r.z)]))
            }
        }
    }

    /// CoreMotion's activities and steps; what happened while the app slept is asked for when it wakes.
    final class AppleActivities: ActivityPort, @unchecked Sendable {
        private let activities = CMMotionActivityManager()
        private let pedometer = CMPedometer()
        private let queue = OperationQueue()
        private let tell: @Sendable (PlatformEvent) -> Void

        /// An activity of an hour ago says nothing about now.
        private static let lookBackS = 600.0

        init(_ tell: @escaping @Sendable (PlatformEvent) -> Void) {
            self.tell = tell
            queue.name = "io.milepost.activities"
            queue.maxConcurrentOperationCount = 1
        }

        var motionPermission: MotionPermission {
            guard CMPedometer.isStepCountingAvailable() else { return .unavailable }
            switch CMMotionActivityManager.authorizationStatus() {
            case .authorized: return .allowed
            case .notDetermined: return .notAsked
            case .denied, .restricted: return .denied
            @unknown default: return .denied
            }
        }

        func set(_ on: Bool) {
            activities.stopActivityUpdates()
            pedometer.stopUpdates()
            // Starting asks the person; the app does that, with the reason before it.
            guard on, motionPermission == .allowed else { return }
            let now = Date()
            activities.queryActivityStarting(from: now - Self.lookBackS, to: now, to: queue) { [tell] past, _ in
                for activity in past ?? [] { tell(.activity(Self.activity(activity))) }
            }
            activities.startActivityUpdates(to: queue) { [tell] activity in
                if let activity { tell(.activity(Self.activity(activity))) }
            }
            pedometer.startUpdates(from: now) { [tell] data, _ in
                guard let data else { return }
                tell(.steps(count: data.numberOfSteps.intValue, wallMs: data.endDate.wallMs))
            }
        }

        func ask() {
            let now = Date()
            activities.queryActivityStarting(from: now, to: now, to: queue) { [tell] _, _ in tell(.permissionChanged) }
        }

        private static func activity(_ activity: CMMotionActivity) -> PhoneActivity {
            let confidence: PhoneActivity.Confidence =
                switch activity.confidence {
                case .low: .low
                case .medium: .medium
                case .high: .high
                @unknown default: .low
                }
            return PhoneActivity(
                wallMs: activity.startDate.wallMs, stationary: activity.stationary, walking: activity.walking,
                running: activity.running, cycling: activity.cycling, automotive: activity.automotive,
                confidence: confidence)
        }
    }

    extension Date {
        var wallMs: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }
    }
#endif
