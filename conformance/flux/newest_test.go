//go:build !oldest

package flux

import notification "github.com/fluxcd/notification-controller/api/v1"

const onlyOldest = false

var newestTypes = map[string]func() any{
	"notification.toolkit.fluxcd.io/v1/Provider": func() any { return &notification.Provider{} },
	"notification.toolkit.fluxcd.io/v1/Alert":    func() any { return &notification.Alert{} },
}
