"""What system.yaml says about the database."""


def jdbc_url(host: str, name: str = "artifactory") -> str:
    """JDBC URL of a PostgreSQL database on RDS; TLS is required of the server.

    >>> jdbc_url("db.example")
    'jdbc:postgresql://db.example:5432/artifactory?sslmode=require'
    """
    return f"jdbc:postgresql://{host}:5432/{name}?sslmode=require"
