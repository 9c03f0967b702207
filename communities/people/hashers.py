from django.contrib.auth.hashers import PBKDF2PasswordHasher


class InitialPasswordHasher(PBKDF2PasswordHasher):
    """For initial passwords only: they are random (59 bits) and live until the first log-in.

    A person's own password needs the slow hash, because people choose guessable ones; a workbook of a thousand
    accounts does not, and would take minutes. Django rehashes at log-in whatever is not the preferred hash.
    """

    algorithm = "initial"
    iterations = 2_000
