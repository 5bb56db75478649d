@_exported import AppleFoundation

public typealias CLLocationDegrees = Double
public typealias CLLocationDistance = Double
public typealias CLLocationAccuracy = Double
public typealias CLLocationSpeed = Double
public typealias CLLocationDirection = Double

public let kCLLocationAccuracyBestForNavigation: CLLocationAccuracy = -2
public let kCLLocationAccuracyThreeKilometers: CLLocationAccuracy = 3000
public let kCLDistanceFilterNone: CLLocationDistance = -1

public struct CLLocationCoordinate2D: Sendable {
    public var latitude: CLLocationDegrees
    public var longitude: CLLocationDegrees
    public init(latitude: CLLocationDegrees, longitude: CLLocationDegrees) {
        (self.latitude, self.longitude) = (latitude, longitude)
    }
}

open class CLLocationSourceInformation: NSObject {
    public let isSimulatedBySoftware: Bool
    public init(softwareSimulationState isSoftware: Bool, andExternalAccessoryState isAccessory: Bool) {
        isSimulatedBySoftware = isSoftware
    }
}

open class CLLocation: NSObject {
    public let coordinate: CLLocationCoordinate2D
    public let altitude: CLLocationDistance
    public let horizontalAccuracy: CLLocationAccuracy
    public let verticalAccuracy: CLLocationAccuracy
    public let course: CLLocationDirection
    public let speed: CLLocationSpeed
    public let timestamp: Date
    public let sourceInformation: CLLocationSourceInformation?

    public init(
        coordinate: CLLocationCoordinate2D, altitude: CLLocationDistance, horizontalAccuracy: CLLocationAccuracy,
        verticalAccuracy: CLLocationAccuracy, course: CLLocationDirection, courseAccuracy: CLLocationDirection,
        speed: CLLocationSpeed, speedAccuracy: CLLocationAccuracy, timestamp: Date, sourceInfo: CLLocationSourceInformation
    ) {
        self.coordinate = coordinate
        self.altitude = altitude
        self.horizontalAccuracy = horizontalAccuracy
        self.verticalAccuracy = verticalAccuracy
        self.course = course
        self.speed = speed
        self.timestamp = timestamp
        sourceInformation = sourceInfo
    }
}

open class CLVisit: NSObject {
    public let arrivalDate: Date
    public let departureDate: Date
    public init(arrivalDate: Date, departureDate: Date) {
        (self.arrivalDate, self.departureDate) = (arrivalDate, departureDate)
    }
}

open class CLRegion: NSObject {
    public let identifier: String
    public var notifyOnEntry = true
    public var notifyOnExit = true
    init(identifier: String) { self.identifier = identifier }
    // CoreLocation knows regions by their identifiers.
    open override var hash: Int { identifier.hashValue }
    open override func isEqual(_ object: Any?) -> Bool { (object as? CLRegion)?.identifier == identifier }
}

open class CLCircularRegion: CLRegion {
    public let center: CLLocationCoordinate2D
    public let radius: CLLocationDistance
    public init(center: CLLocationCoordinate2D, radius: CLLocationDistance, identifier: String) {
        (self.center, self.radius) = (center, radius)
        super.init(identifier: identifier)
    }
}

public enum CLAuthorizationStatus: Int32, Sendable {
    case notDetermined, restricted, denied, authorizedAlways, authorizedWhenInUse
}

public enum CLAccuracyAuthorization: Int, Sendable {
    case fullAccuracy, reducedAccuracy
}

public enum CLActivityType: Int, Sendable {
    case other = 1, automotiveNavigation, fitness, otherNavigation, airborne
}

/// All of them optional, as Objective-C has it.
public protocol CLLocationManagerDelegate: NSObjectProtocol {
    func locationManager(_ manager: CLLocationManager, didUpdateLocations locations: [CLLocation])
    func locationManager(_ manager: CLLocationManager, didFailWithError error: any Error)
    func locationManager(_ manager: CLLocationManager, didExitRegion region: CLRegion)
    func locationManager(_ manager: CLLocationManager, didVisit visit: CLVisit)
    func locationManagerDidChangeAuthorization(_ manager: CLLocationManager)
}

extension CLLocationManagerDelegate {
    public func locationManager(_ manager: CLLocationManager, didUpdateLocations locations: [CLLocation]) {}
    public func locationManager(_ manager: CLLocationManager, didFailWithError error: any Error) {}
    public func locationManager(_ manager: CLLocationManager, didExitRegion region: CLRegion) {}
    public func locationManager(_ manager: CLLocationManager, didVisit visit: CLVisit) {}
    public func locationManagerDidChangeAuthorization(_ manager: CLLocationManager) {}
}

open class CLLocationManager: NSObject {
    open class func locationServicesEnabled() -> Bool { StandInLocations.state.now.isEnabled }

    public weak var delegate: (any CLLocationManagerDelegate)? {
        didSet { StandInLocations.state.change { $0.manager = self } }
    }
    public var authorizationStatus: CLAuthorizationStatus { StandInLocations.state.now.authorization }
    public var accuracyAuthorization: CLAccuracyAuthorization { StandInLocations.state.now.accuracy }
    public var activityType = CLActivityType.other
    public var desiredAccuracy: CLLocationAccuracy = -1 {
        didSet { StandInLocations.state.change { $0.desiredAccuracy = desiredAccuracy } }
    }
    public var distanceFilter: CLLocationDistance = -1
    public var pausesLocationUpdatesAutomatically = true
    public var allowsBackgroundLocationUpdates = false
    /// Kept by iOS, not by the app: another process finds them.
    public var monitoredRegions: Set<CLRegion> { StandInLocations.state.now.regions }

    open func requestWhenInUseAuthorization() { StandInLocations.state.change { $0.asked.append("when in use") } }
    open func requestAlwaysAuthorization() { StandInLocations.state.change { $0.asked.append("always") } }
    open func startUpdatingLocation() { StandInLocations.state.change { $0.isUpdating = true } }
    open func stopUpdatingLocation() { StandInLocations.state.change { $0.isUpdating = false } }
    open func startMonitoringSignificantLocationChanges() { StandInLocations.state.change { $0.watchesChanges = true } }
    open func stopMonitoringSignificantLocationChanges() { StandInLocations.state.change { $0.watchesChanges = false } }
    open func startMonitoringVisits() { StandInLocations.state.change { $0.watchesVisits = true } }
    open func stopMonitoringVisits() { StandInLocations.state.change { $0.watchesVisits = false } }
    open func startMonitoring(for region: CLRegion) { StandInLocations.state.change { _ = $0.regions.update(with: region) } }
    open func stopMonitoring(for region: CLRegion) { StandInLocations.state.change { _ = $0.regions.remove(region) } }
}

@available(iOS 17.0, *)
public final class CLBackgroundActivitySession: NSObject {
    public override init() {
        StandInLocations.state.change { $0.sessions += 1 }
    }

    public func invalidate() {
        StandInLocations.state.change { $0.sessions -= 1 }
    }
}
