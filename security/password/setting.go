package password

import "regexp"

var secretName = regexp.MustCompile(`(?i)(^|[_.-])(PG)?(PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|SECRET_?KEY(_BASE)?|PRIVATE_?KEY|ACCOUNT_?KEY|ENCRYPTION_?KEY|SIGNING_?KEY|CREDENTIALS?)([_-]?\d+)?$`)

// Named reports whether a variable or an argument of a container is called like a
// secret. One that names a file with a secret is not.
func Named(setting string) bool {
	return secretName.MatchString(setting) && setting != "PWD" && setting != "OLDPWD"
}

// InSetting reports whether a variable or an argument of a container holds a
// password: all of its value if it is called like a secret, or a part of it.
func InSetting(name, value string) bool {
	return Named(name) && kind{}.real(value, "") || InText(value)
}

// InText reports whether a password is in the value of a setting or the arguments
// of a program.
func InText(text string) bool { return len(kind{}.text(text, 1)) > 0 }
