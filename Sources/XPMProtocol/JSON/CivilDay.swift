/// Days of the proleptic Gregorian calendar by their number, 1970-01-01 being day 0.
///
/// The year is counted from March, so that the leap day is its last; 400 years, an era, have 146,097 days.
enum CivilDay {
    private static let eraLength: Int64 = 146_097
    /// Day numbers of 0000-03-01, where the first era begins.
    private static let origin: Int64 = -719_468

    /// The number of a valid date.
    static func number(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let era = floorQuotient(marchYear, 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = daysBefore(marchMonth: (month + 9) % 12) + day - 1
        return origin + era * eraLength + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    }

    /// The date of a day.
    static func date(of number: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = number - origin
        let era = floorQuotient(shifted, eraLength)
        let dayOfEra = shifted - era * eraLength
        // Leap days so far are taken out before dividing by 365: one in 4 years, but not in 100, but in 400.
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (
            era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - daysBefore(marchMonth: marchMonth) + 1
        )
    }

    /// How many days a month has.
    static func length(ofMonth month: Int64, year: Int64) -> Int64 {
        let next = month == 12 ? (year + 1, 1) : (year, month + 1)
        return number(year: next.0, month: next.1, day: 1) - number(year: year, month: month, day: 1)
    }

    /// From March on the months' lengths repeat 31, 30, 31, 30, 31: 153 days in five months.
    private static func daysBefore(marchMonth: Int64) -> Int64 { (153 * marchMonth + 2) / 5 }

    /// The quotient rounded towards minus infinity.
    static func floorQuotient(_ dividend: Int64, _ divisor: Int64) -> Int64 {
        dividend / divisor - (dividend % divisor < 0 ? 1 : 0)
    }
}
