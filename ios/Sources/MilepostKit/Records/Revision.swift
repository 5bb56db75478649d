/// One revision of one record: what all records have, and the `body` of its kind, whose fields it has as its own.
///
/// Of an ``id`` the highest ``rev`` counts, the others are history. A revision is decoded from, and encoded to, the
/// core's own flat JSON; fields that this version does not know are ignored.
@dynamicMemberLookup
public struct Revision<Body: RecordBody>: Codable, Sendable, Equatable, Identifiable {
    /// Name and version, such as `milepost.trip/1`.
    public let schema: String
    /// UUIDv7, the same through all revisions.
    public let id: String
    /// From 1; of one id the highest counts.
    public let rev: Int
    /// Rises with every record.
    public let seq: Int64
    /// When it became true, seconds on the axis of the input.
    public let tS: Double
    /// The same by the wall clock in milliseconds since 1970; `nil` where that is not known.
    public let occurredAt: Int64?
    /// Minutes east of UTC then.
    public let utcOffsetMin: Int?
    /// Who drove.
    public let driverID: String?
    /// What was driven.
    public let vehicleID: String?
    /// What this kind of record says.
    public let body: Body

    /// The fields of ``body``.
    public subscript<Value>(dynamicMember field: KeyPath<Body, Value>) -> Value {
        body[keyPath: field]
    }

    private enum CodingKeys: String, CodingKey {
        case schema, id, rev, seq
        case tS = "t_s"
        case occurredAt = "occurred_at"
        case utcOffsetMin = "utc_offset_min"
        case driverID = "driver_id"
        case vehicleID = "vehicle_id"
    }

    public init(from decoder: any Decoder) throws {
        let head = try decoder.container(keyedBy: CodingKeys.self)
        schema = try head.decode(String.self, forKey: .schema)
        id = try head.decode(String.self, forKey: .id)
        rev = try head.decode(Int.self, forKey: .rev)
        seq = try head.decode(Int64.self, forKey: .seq)
        tS = try head.decode(Double.self, forKey: .tS)
        occurredAt = try head.decodeIfPresent(Int64.self, forKey: .occurredAt)
        utcOffsetMin = try head.decodeIfPresent(Int.self, forKey: .utcOffsetMin)
        driverID = try head.decodeIfPresent(String.self, forKey: .driverID)
        vehicleID = try head.decodeIfPresent(String.self, forKey: .vehicleID)
        body = try Body(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var head = encoder.container(keyedBy: CodingKeys.self)
        try head.encode(schema, forKey: .schema)
        try head.encode(id, forKey: .id)
        try head.encode(rev, forKey: .rev)
        try head.encode(seq, forKey: .seq)
        try head.encode(tS, forKey: .tS)
        try head.encode(occurredAt, forKey: .occurredAt)
        try head.encode(utcOffsetMin, forKey: .utcOffsetMin)
        try head.encode(driverID, forKey: .driverID)
        try head.encode(vehicleID, forKey: .vehicleID)
        try body.encode(to: encoder)
    }
}

/// What one kind of record says besides what all of them have.
public protocol RecordBody: Codable, Sendable, Equatable {
    /// Its name and version, such as `milepost.trip/1`.
    static var schema: String { get }
}

/// A place, WGS84; `[lon, lat]` in JSON.
public struct Position: Codable, Sendable, Hashable {
    /// Degrees east.
    public let lonDeg: Double
    /// Degrees north.
    public let latDeg: Double

    public init(lonDeg: Double, latDeg: Double) {
        self.lonDeg = lonDeg
        self.latDeg = latDeg
    }

    public init(from decoder: any Decoder) throws {
        var pair = try decoder.unkeyedContainer()
        lonDeg = try pair.decode(Double.self)
        latDeg = try pair.decode(Double.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var pair = encoder.unkeyedContainer()
        try pair.encode(lonDeg)
        try pair.encode(latDeg)
    }
}
