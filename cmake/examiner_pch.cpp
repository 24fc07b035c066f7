// Owns the precompiled header of the examiners.
