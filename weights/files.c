// A target needs a source for SwiftPM to copy its resources beside the program. The accessor that
// SwiftPM writes for a Swift target imports Foundation; it writes none for a C target.
