"""The configuration descriptor as one typed table, in the order of the schema (1.3, 1.4, 12.6): data, not code."""

from collections.abc import Mapping

from artifactory_sandbox.platform.system.descriptor_layouts import LAYOUTS
from artifactory_sandbox.platform.system.descriptor_parts import (
    NEEDED,
    SECRET,
    TEXT,
    URL,
    Group,
    Keyed,
    Names,
    Part,
    Value,
    choice,
    cron,
    flag,
    number,
)

_MAIL = Group(
    {
        "enabled": flag(),
        "artifactoryUrl": TEXT,
        "from": TEXT,
        "host": TEXT,
        "password": SECRET,
        "port": number(25, 1, 65535),
        "ssl": flag(),
        "subjectPrefix": TEXT,
        "tls": flag(),
        "username": TEXT,
    },
    optional=True,
)

_XRAY = Group(
    {
        "enabled": flag(True),
        "baseUrl": TEXT,
        "user": TEXT,
        "password": SECRET,
        "artifactoryId": TEXT,
        "xrayId": TEXT,
        "allowDownloadsXrayUnavailable": flag(),
        "allowBlockedArtifactsDownload": flag(),
        "bypassDefaultProxy": flag(),
        "proxy": TEXT,
        "blockUnscannedTimeoutSeconds": number(60),
        "blockUnfinishedScansTimeoutSeconds": number(1800),
    },
    optional=True,
)

_LDAP = Keyed(
    "ldapSetting",
    "key",
    {
        "enabled": flag(True),
        "ldapUrl": NEEDED,
        "userDnPattern": TEXT,
        "search": Group(
            {
                "searchFilter": TEXT,
                "searchBase": TEXT,
                "searchSubTree": flag(True),
                "managerDn": TEXT,
                "managerPassword": SECRET,
            },
            optional=True,
        ),
        "autoCreateUser": flag(True),
        "emailAttribute": Value(default="mail"),
        "ldapPoisoningProtection": flag(True),
        "allowUserToAccessProfile": flag(),
        "pagingSupportEnabled": flag(True),
    },
    xml_id=True,
)

_LDAP_GROUPS = Keyed(
    "ldapGroupSetting",
    "name",
    {
        "groupBaseDn": TEXT,
        "groupNameAttribute": TEXT,
        "groupMemberAttribute": TEXT,
        "subTree": flag(True),
        "forceAttributeSearch": flag(),
        "filter": TEXT,
        "descriptionAttribute": TEXT,
        "strategy": choice("STATIC", "DYNAMIC", "HIERARCHICAL"),
        "enabledLdap": TEXT,
    },
)

_SAML = Group(
    {
        "enableIntegration": flag(),
        "verifyAudienceRestriction": flag(True),
        "useEncryptedAssertion": flag(),
        "loginUrl": URL,
        "logoutUrl": URL,
        "serviceProviderName": TEXT,
        "certificate": TEXT,
        "noAutoUserCreation": flag(),
        "allowUserToAccessProfile": flag(),
        "groupAttribute": TEXT,
        "emailAttribute": TEXT,
        "syncGroups": flag(),
        "autoRedirect": flag(),
    },
    optional=True,
)

_OAUTH = Group(
    {
        "enableIntegration": flag(),
        "allowUserToAccessProfile": flag(),
        "persistUsers": flag(),
        "oauthProvidersSettings": Keyed(
            "oauthProvidersSettings",
            "name",
            {
                "enabled": flag(True),
                "providerType": NEEDED,
                "id": TEXT,
                "secret": SECRET,
                "apiUrl": URL,
                "authUrl": URL,
                "tokenUrl": URL,
                "basicUrl": URL,
                "domain": TEXT,
            },
        ),
    }
)

_SECURITY = Group(
    {
        "anonAccessEnabled": flag(),
        "hideUnauthorizedResources": flag(),
        "buildGlobalBasicReadAllowed": flag(),
        "buildGlobalBasicReadForAnonymous": flag(),
        "passwordSettings": Group(
            {
                "encryptionPolicy": choice("SUPPORTED", "REQUIRED", "UNSUPPORTED"),
                "expirationPolicy": Group(
                    {"enabled": flag(), "passwordMaxAge": number(60), "notifyByEmail": flag(True)}
                ),
                "resetPolicy": Group(
                    {"enabled": flag(True), "maxAttemptsPerAddress": number(3), "timeToBlockInMinutes": number(60)}
                ),
            }
        ),
        "ldapSettings": _LDAP,
        "ldapGroupSettings": _LDAP_GROUPS,
        "userLockPolicy": Group({"enabled": flag(), "loginAttempts": number(5)}),
        "httpSsoSettings": Group(
            {
                "httpSsoProxied": flag(),
                "noAutoUserCreation": flag(),
                "allowUserToAccessProfile": flag(),
                "remoteUserRequestVariable": Value(default="REMOTE_USER"),
                "syncLdapGroups": flag(),
            },
            optional=True,
        ),
        "crowdSettings": Group(
            {
                "applicationName": TEXT,
                "password": SECRET,
                "serverUrl": URL,
                "sessionValidationInterval": number(5),
                "enableIntegration": flag(),
                "noAutoUserCreation": flag(),
                "allowUserToAccessProfile": flag(),
                "useDefaultProxy": flag(),
                "customCookieTokenKey": TEXT,
                "directAuthentication": flag(),
                "overrideAllGroupsUponLogin": flag(),
            },
            optional=True,
        ),
        "samlSettings": _SAML,
        "oauthSettings": _OAUTH,
        "accessClientSettings": Group(
            {
                "serverUrl": TEXT,
                "adminToken": SECRET,
                "userTokenMaxExpiresInMinutes": number(60),
                "tokenVerifyResultCacheSize": number(-1, -1),
                "tokenVerifyResultCacheExpirySeconds": number(-1, -1),
            }
        ),
    }
)

_BACKUP: Mapping[str, Part] = {
    "enabled": flag(True),
    "cronExp": cron(),
    "dir": TEXT,
    "retentionPeriodHours": number(168, -(2**31)),
    "createArchive": flag(),
    "excludedRepositories": Names("repositoryRef"),
    "sendMailOnError": flag(True),
    "excludeNewRepositories": flag(),
    "precalculate": flag(),
    "exportMissionControl": flag(),
}

_BACKUPS = Keyed(
    "backup",
    "key",
    _BACKUP,
    start={
        "backup-daily": {"enabled": True, "cronExp": "0 0 2 ? * MON-FRI", "retentionPeriodHours": 0},
        "backup-weekly": {"enabled": False, "cronExp": "0 0 2 ? * SAT", "retentionPeriodHours": 336},
    },
    xml_id=True,
)

_PROXIES = Keyed(
    "proxy",
    "key",
    {
        "host": NEEDED,
        "port": number(0, 0, 65535),
        "username": TEXT,
        "password": SECRET,
        "ntHost": TEXT,
        "domain": TEXT,
        "platformDefault": flag(),
        "redirectedToHosts": TEXT,
        "services": TEXT,
    },
    xml_id=True,
)

_REVERSE_PROXIES = Keyed(
    "reverseProxy",
    "key",
    {
        "webServerType": Value(default="NGINX", choices=("DIRECT", "NGINX", "APACHE")),
        "artifactoryAppContext": TEXT,
        "publicAppContext": TEXT,
        "serverName": TEXT,
        "serverNameExpression": TEXT,
        "sslCertificate": TEXT,
        "sslKey": TEXT,
        "dockerReverseProxyMethod": choice("NOVALUE", "SUBDOMAIN", "PORTPERREPO", "REPOPATHPREFIX"),
        "useHttps": flag(),
        "useHttp": flag(True),
        "httpsPort": number(443, 1, 65535),
        "httpPort": number(80, 1, 65535),
        "artifactoryServerName": Value(default="localhost"),
        "artifactoryPort": number(8081, 1, 65535),
        "upStreamName": TEXT,
    },
)

_PROPERTY_SETS = Keyed(
    "propertySet",
    "name",
    {
        "visible": flag(True),
        "properties": Keyed(
            "property",
            "name",
            {
                "predefinedValues": Keyed("predefinedValue", "value", {"defaultValue": flag()}, whole=True),
                "closedPredefinedValues": flag(),
                "multipleChoice": flag(),
            },
            whole=True,
        ),
    },
    start={"artifactory": {"properties": {"licenses": {}}}},
    xml_id=True,
)

_LAYOUTS = Keyed(
    "repoLayout",
    "name",
    {
        "artifactPathPattern": NEEDED,
        "distinctiveDescriptorPathPattern": flag(),
        "descriptorPathPattern": TEXT,
        "folderIntegrationRevisionRegExp": TEXT,
        "fileIntegrationRevisionRegExp": TEXT,
    },
    start=LAYOUTS,
    xml_id=True,
)

TABLE = Group(
    {
        "serverName": TEXT,
        "offlineMode": flag(),
        "helpLinksEnabled": flag(True),
        "fileUploadMaxSizeMb": number(100),
        "dateFormat": Value(default="dd-MM-yy HH:mm:ss z"),
        "addons": Group({"showAddonsInfo": flag(True), "showAddonsInfoCookie": TEXT}),
        "mailServer": _MAIL,
        "xrayConfig": _XRAY,
        "security": _SECURITY,
        "backups": _BACKUPS,
        "indexer": Group(
            {"enabled": flag(), "cronExp": cron("0 23 5 * * ?"), "includedRepositories": Names("repositoryRef")}
        ),
        "proxies": _PROXIES,
        "reverseProxies": _REVERSE_PROXIES,
        "propertySets": _PROPERTY_SETS,
        "urlBase": URL,
        "federatedRepoUrlBase": URL,
        "logo": TEXT,
        "footer": TEXT,
        "systemMessageConfig": Group(
            {
                "enabled": flag(),
                "title": TEXT,
                "titleColor": TEXT,
                "message": TEXT,
                "showOnAllPages": flag(),
            },
            optional=True,
        ),
        "repoLayouts": _LAYOUTS,
        "gcConfig": Group({"cronExp": cron("0 0 /4 * * ?")}),
        "cleanupConfig": Group({"cronExp": cron("0 12 5 * * ?")}),
        "virtualCacheCleanupConfig": Group({"cronExp": cron("0 12 0 * * ?")}),
        "quotaConfig": Group(
            {
                "diskSpaceLimitPercentage": number(95, 0, 100),
                "diskSpaceWarningPercentage": number(85, 0, 100),
                "enabled": flag(),
            },
            optional=True,
        ),
        "folderDownloadConfig": Group(
            {
                "enabled": flag(),
                "enabledForAnonymous": flag(),
                "maxDownloadSizeMb": number(1024),
                "maxFiles": number(5000),
                "maxConcurrentRequests": number(10),
            }
        ),
        "trashcanConfig": Group({"enabled": flag(True), "allowPermDeletes": flag(), "retentionPeriodDays": number(14)}),
        "replicationsConfig": Group({"blockPushReplications": flag(), "blockPullReplications": flag()}),
        "sumoLogicConfig": Group({"enabled": flag(), "clientId": TEXT, "secret": SECRET}),
        "releaseBundlesConfig": Group({"incompleteCleanupPeriodHours": number(720)}),
        "signedUrlConfig": Group({"maxValidForSeconds": number(31536000)}),
        "downloadRedirectConfig": Group({"fileMinimumSize": number(1)}),
    }
)

LEFT_TO_THEIR_CALLS = frozenset(
    {
        *("localRepositories", "remoteRepositories", "virtualRepositories", "federatedRepositories"),
        *("distributionRepositories", "releaseBundlesRepositories", "localReplications", "remoteReplications"),
        *("keyPairs", "authentication", "retentionSettings"),
    }
)
"""Elements that parse and change nothing: since 7.49 they have calls of their own (1.3)."""
