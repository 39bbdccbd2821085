extension UnsafePointer<Double> {
    /// The four numbers from here on, at any alignment.
    @inline(__always)
    var four: SIMD4<Double> {
        UnsafeRawPointer(self).loadUnaligned(as: SIMD4<Double>.self)
    }
}

extension UnsafeMutablePointer<Double> {
    /// The four numbers from here on, at any alignment.
    @inline(__always)
    var four: SIMD4<Double> {
        get {
            UnsafeRawPointer(self).loadUnaligned(as: SIMD4<Double>.self)
        }
        nonmutating set {
            UnsafeMutableRawPointer(self).storeBytes(of: newValue, as: SIMD4<Double>.self)
        }
    }
}
