package live

var faults = []act{}
