import { from, mergeMap, type Observable } from 'rxjs'
import type { Message } from '../message.ts'
import type { TraceEvent } from '../sim/trace.ts'
import type { Check, Violation } from './check.ts'
import { dialogRoute } from './dialog-route.ts'
import { dialogEnd, dialogNumbers, dialogTags } from './dialogs.ts'
import { listFullState } from './list-full-state.ts'
import { listMembers } from './list-members.ts'
import { listParts } from './list-parts.ts'
import { listPrivacy } from './list-privacy.ts'
import { listVersions } from './list-versions.ts'
import { publicationGranted, publicationMatch, publicationTag, publicationTurn } from './publications.ts'
import {
  subscriptionExists,
  subscriptionGranted,
  subscriptionNotified,
  subscriptionStates,
  subscriptionTime,
} from './subscriptions.ts'
import { everyRequestAnswered, noEarlyAnswers, oneFinalResponse, responsesMatch } from './transactions.ts'
import { agreementStays, credentialsStay, keysToldNotToUe, networkToldNotToUe, undecidedToldNothing } from './trust.ts'

/** The properties that hold in every run. */
export const checks: readonly Check[] = [
  ...[responsesMatch, oneFinalResponse, noEarlyAnswers, everyRequestAnswered],
  ...[dialogNumbers, dialogTags, dialogRoute, dialogEnd],
  ...[subscriptionGranted, subscriptionExists, subscriptionNotified, subscriptionTime, subscriptionStates],
  ...[publicationGranted, publicationMatch, publicationTag, publicationTurn],
  ...[undecidedToldNothing, networkToldNotToUe, keysToldNotToUe, agreementStays, credentialsStay],
  ...[listVersions, listParts, listFullState, listPrivacy, listMembers],
]

/** What in a trace goes against any of them; one trace is read once for each. */
export const violations = (trace$: Observable<TraceEvent<Message>>): Observable<Violation> =>
  from(checks).pipe(mergeMap((check) => check.find(trace$)))
