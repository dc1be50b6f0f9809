import { Duration, RemovalPolicy, SecretValue, Stack } from "aws-cdk-lib";
import { AccessLogField, AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  type CfnStage,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import {
  AccountRecovery,
  CfnLogDeliveryConfiguration,
  CfnUserPoolGroup,
  FeaturePlan,
  type IUserPoolIdentityProvider,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  ProviderAttribute,
  StandardThreatProtectionMode,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolDomain,
  UserPoolIdentityProviderOidc,
  UserPoolIdentityProviderSaml,
  UserPoolIdentityProviderSamlMetadata,
} from "aws-cdk-lib/aws-cognito";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { FilterPattern, LogGroup } from "aws-cdk-lib/aws-logs";
import { LambdaDestination } from "aws-cdk-lib/aws-logs-destinations";
import { Construct } from "constructs";
import { permissions } from "../define/permissions.ts";
import { output } from "./database.ts";
import { type FunctionName, pascalCase } from "./functions.ts";
import type { Settings } from "./settings.ts";

interface Props {
  readonly settings: Settings;
  readonly logKey: IKey;
}

/**
 * Where a browser comes back to that a terminal sent to the sign-in: a machine's own `localhost` may do without TLS.
 * Cognito takes an address by the letter, so the port is always this one.
 */
const terminalSite = "http://localhost:20137";

const read = [HttpMethod.GET, HttpMethod.HEAD];
const readAndSent = [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST];

/** Paths that the console answers; everything else is 404 before any code runs. */
export const routes = [
  { path: "/admin/legacy-imports", methods: readAndSent },
  { path: "/admin/legacy-imports/{proxy+}", methods: readAndSent },
  { path: "/sign-off/{proxy+}", methods: readAndSent },
  { path: "/start", methods: readAndSent },
  // No route may end in a slash: this one takes the page's address with one, and sends on to the page.
  { path: "/start/{proxy+}", methods: read },
  { path: "/", methods: read },
  { path: "/assets/{proxy+}", methods: read },
  { path: "/healthz", methods: read },
  { path: "/signed-in", methods: [HttpMethod.GET] },
  { path: "/sign-out", methods: [HttpMethod.GET, HttpMethod.POST] },
  { path: "/signed-out", methods: [HttpMethod.GET] },
];

/** Where a terminal asks, signed with its person's credentials, and the function that answers. */
const signedRoutes = {
  "/executions": "start-execution",
  "/decisions": "keep-decision",
  "/looks": "look",
} as const satisfies Readonly<Record<string, FunctionName>>;

/** Whether a function answers one of {@link signedRoutes}. */
export const isSigned = (name: FunctionName): boolean =>
  Object.values<FunctionName>(signedRoutes).includes(name);

/** Where people decide: their directory, and the address of the pages. */
export class SignOff extends Construct {
  /** Where the pages are served, without a slash at the end. */
  readonly url: string;
  /** What the pages' function needs to sign people in. */
  readonly environment: Readonly<Record<string, string>>;
  private readonly api: HttpApi;
  private readonly stage: HttpStage;
  private readonly pool: UserPool;

  constructor(scope: Construct, id: string, { settings, logKey }: Props) {
    super(scope, id);
    this.api = new HttpApi(this, "Api", {
      apiName: `${Stack.of(this).stackName}-sign-off`,
      description: "The sign-off pages",
      createDefaultStage: false,
    });
    this.stage = this.makeStage(settings, logKey);
    this.url = this.api.apiEndpoint;
    const pool = this.makePool(settings);
    this.pool = pool;
    const domain = new UserPoolDomain(this, "SignInPages", {
      userPool: pool,
      cognitoDomain: { domainPrefix: settings.signOff.domainPrefix },
      // The newer pages show an error until somebody gives them a style.
      managedLoginVersion: ManagedLoginVersion.CLASSIC_HOSTED_UI,
    });
    const client = this.makeClient(pool, settings);
    this.environment = {
      WAVEGATE_SIGN_IN_PAGES: domain.baseUrl(),
      WAVEGATE_USER_POOL_ID: pool.userPoolId,
      WAVEGATE_USER_POOL_CLIENT_ID: client.userPoolClientId,
    };
    output(this, "SignOffUrl", this.url);
    output(this, "UserPoolId", pool.userPoolId);
    output(this, "UserPoolClientId", client.userPoolClientId);
    output(this, "SignInPages", domain.baseUrl());
    output(this, "TerminalSite", terminalSite);
  }

  /** Gives the paths to the function that answers them. */
  serve(pages: IFunction): void {
    const integration = new HttpLambdaIntegration("Pages", pages);
    for (const { path, methods } of routes) this.api.addRoutes({ path, methods, integration });
  }

  /**
   * Gives the terminal routes of its own: API Gateway checks the signature and tells the function whose
   * credentials it was made with (D36). Returns the routes' ARNs, for operators' policies.
   */
  serveSigned(functions: ReadonlyMap<FunctionName, IFunction>): string[] {
    return Object.entries(signedRoutes).map(([path, name]) => {
      const handler = functions.get(name) as IFunction;
      this.api.addRoutes({
        path,
        methods: [HttpMethod.POST],
        integration: new HttpLambdaIntegration(pascalCase(name), handler),
        authorizer: new HttpIamAuthorizer(),
      });
      return this.api.arnForExecuteApi(HttpMethod.POST, path, "$default");
    });
  }

  /**
   * Gives everybody who has a token of the platform's own a path: its function looks at the token, so there is no
   * authorizer. Asked by many people at once, and not by a few approvers.
   */
  servePeople(path: string, handler: IFunction): void {
    const routes = this.api.addRoutes({
      path,
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration("People", handler),
    });
    const stage = this.stage.node.defaultChild as CfnStage;
    stage.addPropertyOverride("RouteSettings", {
      [`GET ${path}`]: {
        ThrottlingRateLimit: 200,
        ThrottlingBurstLimit: 400,
        DetailedMetricsEnabled: true,
      },
    });
    // Settings of a route that is not there yet are refused.
    for (const route of routes) stage.node.addDependency(route);
  }

  /** Requests that ended with a server's error, be it that no function answered. */
  failed(period: Duration): IMetric {
    return this.api.metricServerError({ period });
  }

  /**
   * Hands what the pool notes of wrong and changed passwords to a function. Cognito delivers as well as it can, and
   * to log groups of this prefix under no key of KMS; who signs in with a directory of their own is noted there.
   */
  tellOfSignIns(told: IFunction, { logDays }: Settings): void {
    const { partition, region, account, stackName } = Stack.of(this);
    const log = new LogGroup(this, "Activity", {
      logGroupName: `/aws/vendedlogs/cognito/${stackName}`,
      retention: logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // The construct's own ARN ends in `:*`, and what it would be part of matches nothing.
    const group = `arn:${partition}:logs:${region}:${account}:log-group:${log.logGroupName}`;
    log.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("delivery.logs.amazonaws.com")],
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [`${group}:log-stream:*`],
        conditions: {
          StringEquals: { "aws:SourceAccount": account },
          ArnLike: { "aws:SourceArn": `arn:${partition}:logs:${region}:${account}:*` },
        },
      }),
    );
    new CfnLogDeliveryConfiguration(this, "ActivityDelivery", {
      userPoolId: this.pool.userPoolId,
      logConfigurations: [
        {
          eventSource: "userAuthEvents",
          logLevel: "INFO",
          cloudWatchLogsConfiguration: { logGroupArn: group },
        },
      ],
    }).node.addDependency(log);
    log.addSubscriptionFilter("Told", {
      destination: new LambdaDestination(told),
      filterPattern: FilterPattern.allEvents(),
    });
  }

  private makeStage({ logDays }: Settings, logKey: IKey): HttpStage {
    const stage = new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      // Far above what a few approvers need, far below what a guesser of links needs.
      throttle: { rateLimit: 10, burstLimit: 30 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(
          new LogGroup(this, "AccessLog", {
            // AWS keeps one policy for all such groups of an account: of those with this prefix it holds any number.
            logGroupName: `/aws/vendedlogs/apis/${Stack.of(this).stackName}`,
            retention: logDays,
            encryptionKey: logKey,
            removalPolicy: RemovalPolicy.DESTROY,
          }),
        ),
        // Neither path nor query: the path of a link is its secret.
        format: AccessLogFormat.custom(
          JSON.stringify({
            at: AccessLogField.contextRequestTimeEpoch(),
            request: AccessLogField.contextRequestId(),
            from: AccessLogField.contextIdentitySourceIp(),
            route: "$context.routeKey",
            status: AccessLogField.contextStatus(),
            milliseconds: AccessLogField.contextResponseLatency(),
            error: AccessLogField.contextErrorMessage(),
            function: AccessLogField.contextIntegrationErrorMessage(),
          }),
        ),
      },
    });
    (stage.node.defaultChild as CfnStage).addPropertyOverride(
      "DefaultRouteSettings.DetailedMetricsEnabled",
      true,
    );
    return stage;
  }

  private makePool({ stage }: Settings): UserPool {
    const pool = new UserPool(this, "People", {
      selfSignUpEnabled: false,
      signInCaseSensitive: false,
      signInAliases: { username: true, email: true },
      standardAttributes: { email: { required: true, mutable: true } },
      passwordPolicy: {
        minLength: 14,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
        tempPasswordValidity: Duration.days(3),
      },
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      featurePlan: FeaturePlan.PLUS,
      standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
      deletionProtection: stage === "prod",
      removalPolicy: stage === "prod" ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    for (const permission of permissions) {
      new CfnUserPoolGroup(this, `Group${permission.split(".")[1]}`, {
        userPoolId: pool.userPoolId,
        groupName: permission,
        description: `May open wavegate's pages; the people's record says that they hold ${permission}`,
      });
    }
    return pool;
  }

  private makeClient(pool: UserPool, { signOff }: Settings): UserPoolClient {
    const provider = this.makeProvider(pool, signOff.signIn);
    const client = new UserPoolClient(this, "Client", {
      userPool: pool,
      // A public client with PKCE: a secret would have to be kept by every terminal, too.
      generateSecret: false,
      authFlows: {},
      supportedIdentityProviders: [
        provider
          ? UserPoolClientIdentityProvider.custom(provider.providerName)
          : UserPoolClientIdentityProvider.COGNITO,
      ],
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: [`${this.url}/signed-in`, `${terminalSite}/signed-in`],
        logoutUrls: [`${this.url}/signed-out`],
      },
      idTokenValidity: Duration.hours(1),
      accessTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.hours(1),
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
    });
    if (provider) client.node.addDependency(provider);
    return client;
  }

  private makeProvider(
    userPool: UserPool,
    signIn: Settings["signOff"]["signIn"],
  ): IUserPoolIdentityProvider | undefined {
    const attributeMapping = { email: ProviderAttribute.other("email") };
    if (signIn.kind === "oidc") {
      return new UserPoolIdentityProviderOidc(this, "Provider", {
        userPool,
        name: signIn.name,
        issuerUrl: signIn.issuer,
        clientId: signIn.clientId,
        clientSecret: SecretValue.secretsManager(signIn.clientSecretArn, {
          jsonField: "clientSecret",
        }).unsafeUnwrap(),
        scopes: ["openid", "email"],
        attributeMapping,
      });
    }
    if (signIn.kind === "saml") {
      return new UserPoolIdentityProviderSaml(this, "Provider", {
        userPool,
        name: signIn.name,
        metadata: UserPoolIdentityProviderSamlMetadata.url(signIn.metadataUrl),
        attributeMapping,
      });
    }
    return undefined;
  }
}
